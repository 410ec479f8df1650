/** W3C MediaStreamTrack.kind. */
export type MediaKind = "audio" | "video";

/** W3C RTCRtpTransceiverDirection without `stopped`. */
export type MediaDirection = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** The names of a local track in descriptions (RFC 8830). */
export interface LocalTrackIds {
  readonly trackId: string;
  readonly streamId: string;
}

/** What both directions of a negotiated slot have in common. */
interface SlotParameters {
  readonly mid: string;
  /** Both sides know generic NACK (RFC 4585 section 6.2.1). */
  readonly nack: boolean;
  /** Both sides know picture loss indication (RFC 4585 section 6.3.1). */
  readonly pli: boolean;
  /** Id of the MID header extension (RFC 9143 section 15); undefined where the remote does not know it. */
  readonly midExtensionId: number | undefined;
  /** What the remote says of the codec, such as `stereo`, `useinbandfec`, `sprop-stereo`; names in lower case. */
  readonly fmtp: ReadonlyMap<string, string>;
}

export interface SlotSendParameters extends SlotParameters {
  /** The one that the remote wants. */
  readonly payloadType: number;
  readonly ssrc: number;
}

export interface SlotReceiveParameters extends SlotParameters {
  /** All that the remote may send with. */
  readonly payloadTypes: readonly number[];
  /** What the remote announced; none where it announced nothing. Without those of retransmissions and layers. */
  readonly ssrcs: readonly number[];
  /** Of the remote track; made from the mid where the remote gave none. */
  readonly trackId: string;
  readonly streamId: string;
}

/** One media section to be, or in force: a W3C RTCRtpTransceiver without its media. */
export interface MediaSlot {
  readonly kind: MediaKind;
  /** Undefined until a description names it, and again when that description is rolled back. */
  readonly mid: string | undefined;
  /** What is wanted from the next offer or answer on; to be set at any time. */
  direction: MediaDirection;
  /** What the last completed negotiation made of it, seen from here; undefined before. */
  readonly currentDirection: MediaDirection | undefined;
  /** The remote refused it, or no longer has the codec. It is stopped then. */
  readonly rejected: boolean;
  /** Over for good, by `stop()` or by the remote. Its section can be used again for another slot. */
  readonly stopped: boolean;
  /** Named in descriptions while the slot sends; other ids need a negotiation, for the remote to learn them. */
  localTrack: LocalTrackIds;
  readonly ssrc: number;
  /** Undefined unless negotiated to send. The same object until a negotiation changes it. */
  readonly send: SlotSendParameters | undefined;
  /** Undefined unless negotiated to receive. The same object until a negotiation changes it. */
  readonly receive: SlotReceiveParameters | undefined;
  /** Neither sends nor receives any more, for good; the next offer says so. Idempotent. */
  stop(): void;
}
