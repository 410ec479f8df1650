import { ConicError } from "@conic/domain";
import type { InboundRtpStats, OutboundRtpStats } from "@conic/rtp";
import type { PlatformMedia } from "../../platform.js";
import type { NativeStats } from "../native/stats.js";
import type { LocalTrack } from "./local-track.js";
import { RemoteAudioTrack, RemoteVideoTrack, type RemoteTrack } from "./remote-track.js";
import type { TrackSender } from "./track-sender.js";
import type { NativeMediaTypes } from "./types.js";

export interface NativeMediaHost {
  /** As they were last read. */
  readonly stats: () => NativeStats;
  readonly isConnected: () => boolean;
  readonly track: (track: RemoteTrack) => void;
  readonly fault: (error: ConicError) => void;
}

const receives = new Set(["recvonly", "sendrecv"]);
const sends = new Set(["sendonly", "sendrecv"]);

/** The tracks of one native connection. */
export class NativeMedia implements PlatformMedia<NativeMediaTypes> {
  readonly #host: NativeMediaHost;
  #pc: RTCPeerConnection;
  readonly #senders = new Map<TrackSender, RTCRtpSender>();
  /** By the id that the application gave; a browser chooses the one of the stream itself. */
  readonly #streams = new Map<string, MediaStream>();
  /** Of remote tracks, as the remote names them. */
  #remoteStreams = new WeakMap<RTCRtpTransceiver, string>();
  readonly #remotes = new Map<RTCRtpTransceiver, RemoteTrack>();

  constructor(pc: RTCPeerConnection, host: NativeMediaHost) {
    this.#pc = pc;
    this.#host = host;
  }

  get isNegotiated(): boolean {
    return this.#pc
      .getTransceivers()
      .some(({ currentDirection: is }) => is !== null && (receives.has(is) || sends.has(is)));
  }

  add(sender: TrackSender): void {
    const { track } = sender;
    if (track === null) return;
    this.#attach(sender, track);
  }

  remove(sender: TrackSender): void {
    const native = this.#senders.get(sender);
    this.#senders.delete(sender);
    if (native !== undefined) this.#pc.removeTrack(native);
  }

  /** Goes on with another native connection, before anything was negotiated. */
  replace(pc: RTCPeerConnection): void {
    this.#pc = pc;
    this.#senders.forEach((_, sender) => {
      if (sender.track !== null) this.#attach(sender, sender.track);
    });
  }

  /** A section of the remote's description has a track. */
  announced({ transceiver, streams }: RTCTrackEvent): void {
    this.#remoteStreams.set(transceiver, streams[0]?.id ?? transceiver.receiver.track.id);
  }

  /** Offer and answer were completed: the tracks become what was agreed on. */
  sync(): void {
    for (const transceiver of this.#pc.getTransceivers()) {
      const known = this.#remotes.get(transceiver);
      const isComing = receives.has(transceiver.currentDirection ?? "");
      if (known !== undefined && !isComing) {
        this.#remotes.delete(transceiver);
        known.end();
      } else if (known === undefined && isComing) this.#adopt(transceiver);
    }
    for (const [sender, native] of this.#senders) this.#limit(sender, native);
  }

  inbound(): InboundRtpStats[] {
    return [...this.#host.stats().inbound];
  }

  outbound(): OutboundRtpStats[] {
    return [...this.#host.stats().outbound];
  }

  /** What to write into a description instead of the ids that the browser gave to streams. */
  streamIds(): ReadonlyMap<string, string> {
    return new Map([...this.#streams].map(([given, { id }]) => [id, given]));
  }

  /** The remote tracks end. */
  close(): void {
    for (const track of this.#remotes.values()) track.end();
    this.#remotes.clear();
  }

  #attach(sender: TrackSender, track: LocalTrack): void {
    const native = this.#pc.addTrack(track.mediaStreamTrack, this.#stream(track.streamId));
    this.#senders.set(sender, native);
    const { stats, isConnected, fault } = this.#host;
    const section = (): RTCRtpTransceiver | undefined =>
      this.#pc.getTransceivers().find((one) => one.sender === native);
    sender.setOutlet({
      get isActive() {
        return isConnected() && sends.has(section()?.currentDirection ?? "");
      },
      replace: (next) => {
        native.replaceTrack(next?.mediaStreamTrack ?? null).then(
          () => {
            this.#limit(sender, native);
          },
          (error: unknown) => {
            fault(ConicError.from(error, "unsupported", "the browser cannot send that track"));
          },
        );
      },
      stats: () => stats().outbound.find(({ mid }) => mid === section()?.mid),
    });
  }

  #stream(id: string): MediaStream {
    const known = this.#streams.get(id) ?? new MediaStream();
    this.#streams.set(id, known);
    return known;
  }

  #adopt(transceiver: RTCRtpTransceiver): void {
    const { mid, receiver } = transceiver;
    if (mid === null) return;
    const { stats, fault, track } = this.#host;
    const host = {
      mediaStreamTrack: receiver.track,
      streamId: this.#remoteStreams.get(transceiver) ?? receiver.track.id,
      mid,
      stats: () => stats().inbound.find((one) => one.mid === mid),
      fault: (error: unknown) => {
        fault(ConicError.from(error, "internal", "a listener threw"));
      },
    };
    const isAudio = receiver.track.kind === "audio";
    const remote = isAudio ? new RemoteAudioTrack(host) : new RemoteVideoTrack(host);
    this.#remotes.set(transceiver, remote);
    track(remote);
  }

  /** Only what was negotiated has encodings to set. */
  #limit(sender: TrackSender, native: RTCRtpSender): void {
    const { track } = sender;
    if (track === null || track.kind === "audio") return;
    const parameters = native.getParameters();
    const [encoding] = parameters.encodings;
    if (encoding === undefined || encoding.maxBitrate === track.maxBitrate) return;
    encoding.maxBitrate = track.maxBitrate;
    // A sender that is being removed takes no more.
    native.setParameters(parameters).catch(() => undefined);
  }
}
