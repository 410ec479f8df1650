import { ConicError } from "@conic/domain";
import type { InboundRtpStats, OutboundRtpStats } from "@conic/rtp";
import type { EngineRtp } from "../engine/stack.js";
import { MediaNegotiation } from "./description/negotiation.js";
import type { MediaSessionHost } from "./session-host.js";
import { SlotBinding } from "./slot-binding.js";
import type { TrackSender } from "./track-sender.js";
import { MediaTransport } from "./transport.js";

/** The media of one engine connection: what is negotiated, and the streams that came of it. */
export class MediaSession {
  readonly negotiation: MediaNegotiation;
  readonly #host: MediaSessionHost;
  readonly #transport: MediaTransport;
  readonly #bindings: SlotBinding[] = [];
  #isClosed = false;

  constructor(rtp: EngineRtp, negotiation: MediaNegotiation, host: MediaSessionHost) {
    this.negotiation = negotiation;
    this.#host = host;
    this.#transport = new MediaTransport(rtp, host.clock, negotiation.cname, {
      ready: () => {
        this.#transport.setRoundTripTime(host.roundTripTimeMs());
        for (const binding of this.#bindings)
          this.#guarded(() => {
            binding.sync();
          });
      },
    });
  }

  /** Something is negotiated to flow, in either direction. */
  get isNegotiated(): boolean {
    return this.#bindings.some((binding) => binding.isNegotiated);
  }

  add(sender: TrackSender): void {
    const { track, kind } = sender;
    if (track === null) return;
    const { id: trackId, streamId } = track;
    const slot = this.negotiation.addTrack(kind, { trackId, streamId });
    this.#bind(slot).sender = sender;
    this.#host.negotiationNeeded();
  }

  remove(sender: TrackSender): void {
    const binding = this.#bindings.find((candidate) => candidate.sender === sender);
    if (binding === undefined) return;
    binding.dropSender();
    if (this.negotiation.needsNegotiation()) this.#host.negotiationNeeded();
  }

  /** Offer and answer were completed: the streams become what was agreed on. */
  sync(): void {
    if (this.#isClosed) return;
    for (const slot of this.negotiation.slots) {
      this.#guarded(() => {
        this.#bind(slot).sync();
      });
    }
  }

  inbound(): InboundRtpStats[] {
    return this.#bindings.flatMap((binding) => binding.inbound() ?? []);
  }

  outbound(): OutboundRtpStats[] {
    return this.#bindings.flatMap((binding) => binding.outbound() ?? []);
  }

  /** The remote tracks end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transport.close();
    for (const binding of this.#bindings) binding.close();
  }

  #bind(slot: MediaNegotiation["slots"][number]): SlotBinding {
    const known = this.#bindings.find((candidate) => candidate.slot === slot);
    if (known !== undefined) return known;
    const made = new SlotBinding(slot, this.#transport, this.#host);
    this.#bindings.push(made);
    return made;
  }

  /** Listeners of the application run in these calls. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#host.fault(ConicError.from(error, "internal", "a listener threw"));
    }
  }
}
