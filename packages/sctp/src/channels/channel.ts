import { ConicError } from "@conic/domain";
import type { SendOptions } from "../options.js";
import { decodePayload, emptyPayload, ppids } from "./payload.js";
import type {
  ChannelAssociation,
  ChannelEvents,
  ChannelSettings,
  ChannelState,
  SctpChannel,
} from "./types.js";

/** What a channel asks of the set it is in. */
export interface ChannelOwner {
  readonly association: ChannelAssociation;
  fault(error: ConicError): void;
  /** The application listens now. */
  bound(channel: Channel): void;
  closeChannel(channel: Channel, now: number): void;
}

export interface ChannelOrigin {
  readonly id: number | null;
  /** `refused`: the remote wanted a channel that never was; only its stream is remembered, until it is reset. */
  readonly by: "local" | "remote" | "refused";
  /** Bytes of the OPEN or ACK that goes first on the stream. */
  readonly controlBytes: number;
}

/** The side of a channel that the application sees, and what the set of channels remembers of it. */
export class Channel implements SctpChannel {
  readonly init: ChannelSettings;
  id: number | null;
  state: ChannelState = "connecting";
  readonly by: ChannelOrigin["by"];
  /** The remote has reset its direction. */
  remoteReset = false;
  /** This side's direction is to be reset; and the remote has confirmed it. */
  resetAsked = false;
  localReset = false;
  readonly #owner: ChannelOwner;
  readonly #controlBytes: number;
  #events: ChannelEvents | undefined;
  #error: ConicError | undefined;
  #handedOver = 0;
  #orderedOnly: boolean;
  #text: SendOptions;
  #binary: SendOptions;
  // The PPID that ends a message whose parts were refused.
  #refusedEnd: number | undefined;

  constructor(owner: ChannelOwner, init: ChannelSettings, origin: ChannelOrigin) {
    this.#owner = owner;
    this.init = init;
    this.id = origin.id;
    this.by = origin.by;
    this.#controlBytes = origin.controlBytes;
    // Until the remote is known to have the OPEN, nothing may overtake it (RFC 8832 section 6).
    this.#orderedOnly = origin.by === "local" && !init.negotiated;
    this.#text = this.#sendOptions(ppids.text);
    this.#binary = this.#sendOptions(ppids.binary);
  }

  get bufferedAmount(): number {
    if (this.id === null || this.state === "closed") return 0;
    const buffered = this.#owner.association.bufferedAmount(this.id);
    const left = this.#handedOver + this.#controlBytes - buffered;
    return left >= this.#controlBytes ? buffered : buffered - (this.#controlBytes - left);
  }

  get isFlushed(): boolean {
    if (this.id === null || this.state === "closed") return true;
    return this.#owner.association.isFlushed(this.id);
  }

  bind(events: ChannelEvents): void {
    this.#events = events;
    if (this.state === "open") events.open();
    else if (this.state === "closed") events.closed(this.#error);
    this.#owner.bound(this);
  }

  send(data: string | Uint8Array, now: number): void {
    if (this.state !== "open" || this.id === null) throw notOpen(this.state);
    const { association } = this.#owner;
    if (data.length === 0) {
      const ppid = typeof data === "string" ? ppids.emptyText : ppids.emptyBinary;
      association.send(this.id, emptyPayload(), this.#sendOptions(ppid), now);
      this.#handedOver += 1;
      return;
    }
    const text = typeof data === "string";
    const bytes = text ? Buffer.from(data) : data;
    association.send(this.id, bytes, text ? this.#text : this.#binary, now);
    this.#handedOver += bytes.length;
  }

  close(now: number): void {
    this.#owner.closeChannel(this, now);
  }

  opened(): void {
    this.state = "open";
    this.#events?.open();
  }

  /** A message or an ACK came on the stream: the remote has the OPEN. */
  confirmed(): void {
    if (!this.#orderedOnly) return;
    this.#orderedOnly = false;
    this.#text = this.#sendOptions(ppids.text);
    this.#binary = this.#sendOptions(ppids.binary);
  }

  receive(ppid: number, data: Uint8Array): void {
    this.confirmed();
    const message = decodePayload(ppid, data);
    if (message === undefined) {
      this.#refuse(ppid);
    } else if (ppid === this.#refusedEnd) {
      this.#refusedEnd = undefined;
    } else {
      this.#events?.message(message);
    }
  }

  drained(): void {
    this.#events?.drained();
  }

  finish(error: ConicError | undefined): void {
    this.state = "closed";
    this.#error = error;
    this.#events?.closed(error);
  }

  #refuse(ppid: number): void {
    // The last part has the PPID of a whole message: without its beginning it is none.
    if (ppid === ppids.binaryPart) this.#refusedEnd = ppids.binary;
    if (ppid === ppids.textPart) this.#refusedEnd = ppids.text;
    this.#owner.fault(
      new ConicError("unsupported_data", "a message of an unknown kind was ignored", {
        details: { ppid },
      }),
    );
  }

  #sendOptions(ppid: number): SendOptions {
    return {
      ppid,
      unordered: !this.init.ordered && !this.#orderedOnly,
      maxRetransmits: this.init.maxRetransmits,
      maxLifetimeMs: this.init.maxPacketLifeTimeMs,
    };
  }
}

function notOpen(state: ChannelState): ConicError {
  return state === "connecting"
    ? new ConicError("invalid_state", "the channel is not open yet: send once it is")
    : new ConicError("closed", `the channel is ${state}; open another one`);
}
