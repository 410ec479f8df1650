import { ConicError } from "@conic/domain";
import type { InboundRtpStats, OutboundRtpStats, RtpReceiver } from "@conic/rtp";
import type { MediaSlot } from "./description/slot.js";
import { RemoteAudioTrack, RemoteVideoTrack, type RemoteTrack } from "./remote-track.js";
import type { MediaSessionHost } from "./session-host.js";
import type { TrackSender } from "./track-sender.js";
import type { MediaTransport, OutgoingStream } from "./transport.js";

/** RFC 7587 section 4.1, RFC 7741 section 4.1. */
const clockRates = { audio: 48_000, video: 90_000 } as const;
const codecs = { audio: "Opus", video: "VP8" } as const;

/** What the section of one description is at work: a stream out, a stream in, and their tracks. */
export class SlotBinding {
  readonly slot: MediaSlot;
  sender: TrackSender | undefined;
  readonly #transport: MediaTransport;
  readonly #host: MediaSessionHost;
  #outgoing: OutgoingStream | undefined;
  #receiver: RtpReceiver | undefined;
  #track: RemoteTrack | undefined;
  #isRefused = false;

  constructor(slot: MediaSlot, transport: MediaTransport, host: MediaSessionHost) {
    this.slot = slot;
    this.#transport = transport;
    this.#host = host;
  }

  get isNegotiated(): boolean {
    return this.slot.send !== undefined || this.slot.receive !== undefined;
  }

  sync(): void {
    this.#syncRefusal();
    this.#syncIncoming();
    this.#syncOutgoing();
  }

  /** Stops sending; takes effect at the remote with the next negotiation. */
  dropSender(): void {
    this.#guarded(() => this.sender?.setOutlet(undefined, false));
    this.sender = undefined;
    const { direction } = this.slot;
    if (direction === "sendrecv") this.slot.direction = "recvonly";
    else if (direction === "sendonly") this.slot.direction = "inactive";
  }

  inbound(): InboundRtpStats | undefined {
    return this.#receiver?.stats();
  }

  outbound(): OutboundRtpStats | undefined {
    return this.#outgoing?.stats();
  }

  close(): void {
    this.#guarded(() => this.sender?.setOutlet(undefined, false));
    this.#track?.end();
  }

  #syncOutgoing(): void {
    const { send, kind } = this.slot;
    if (send !== undefined && this.#outgoing === undefined) {
      this.#outgoing = this.#transport.addSender({
        kind,
        ssrc: send.ssrc,
        payloadType: send.payloadType,
        clockRate: clockRates[kind],
        nack: send.nack,
        ...midOf(send),
        onKeyFrameRequest: () => {
          this.#guarded(() => this.sender?.track?.requestKeyFrame());
        },
        onTargetBitrate: () => {
          this.#guarded(() => this.sender?.track?.refreshTargetBitrate());
        },
      });
    } else if (send !== undefined) {
      this.#outgoing?.rtp.update({
        payloadType: send.payloadType,
        nack: send.nack,
        ...midOf(send),
      });
    }
    // The stream stays when it is not wanted for a while: a new one with its SSRC would count packets anew, which
    // the protection of packets does not allow (RFC 3711 section 3.3.1).
    this.sender?.setOutlet(this.#outgoing, send !== undefined && this.#transport.isReady);
  }

  #syncIncoming(): void {
    const { receive, kind } = this.slot;
    if (receive === undefined || receive.trackId !== this.#track?.id) {
      this.#track?.end();
      this.#track = undefined;
    }
    if (receive === undefined) {
      this.#receiver?.stop();
      this.#receiver = undefined;
      return;
    }
    const { payloadTypes, ssrcs, nack, pli } = receive;
    if (this.#receiver === undefined) {
      this.#receiver = this.#transport.addReceiver({
        kind,
        clockRate: clockRates[kind],
        payloadTypes,
        ssrcs,
        nack,
        pli,
        ...midOf(receive),
        onChunk: (chunk) => this.#track?.push(chunk),
        onStart: () => this.#track?.setMuted(false),
        onEnd: () => this.#track?.setMuted(true),
      });
    } else this.#receiver.update({ payloadTypes, ssrcs, nack, pli, ...midOf(receive) });
    this.#track ??= this.#newTrack(receive);
  }

  #newTrack(receive: NonNullable<MediaSlot["receive"]>): RemoteTrack {
    const host = this.#host;
    const { kind } = this.slot;
    const init = {
      kind,
      id: receive.trackId,
      streamId: receive.streamId,
      mid: receive.mid,
      maxBufferedChunks: host.maxBufferedChunks,
      requestKeyFrame: () => {
        if (this.#receiver !== undefined) this.#transport.requestKeyFrame(this.#receiver);
      },
      stats: () => this.#receiver?.stats(),
      captureTimeMs: (rtpTimestamp: number) => this.#receiver?.captureTimeMs(rtpTimestamp),
      fault: (error: unknown) => {
        host.fault(ConicError.from(error, "internal", "a listener threw"));
      },
    };
    const track = kind === "audio" ? new RemoteAudioTrack(init) : new RemoteVideoTrack(init);
    host.track(track);
    return track;
  }

  #syncRefusal(): void {
    if (this.slot.rejected === this.#isRefused) return;
    this.#isRefused = this.slot.rejected;
    if (!this.#isRefused || this.sender === undefined) return;
    const { kind } = this.slot;
    this.#host.fault(
      new ConicError(
        "unsupported",
        `${this.#host.remoteId} does not take ${kind} (${codecs[kind]})`,
        {
          details: { kind, by: "remote" },
        },
      ),
    );
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

function midOf(section: { readonly mid: string; readonly midExtensionId: number | undefined }): {
  mid?: { extensionId: number; value: string };
} {
  if (section.midExtensionId === undefined) return {};
  return { mid: { extensionId: section.midExtensionId, value: section.mid } };
}
