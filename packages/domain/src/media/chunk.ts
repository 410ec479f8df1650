/**
 * One compressed frame: a video frame, or one packet of an audio codec. Names and units of WebCodecs
 * (EncodedVideoChunk, EncodedAudioChunk).
 */
export interface EncodedChunk {
  /** `key`: decodable without any frame before it. Every Opus packet is one. */
  readonly type: "key" | "delta";
  /** Time of its first sample on the media clock, in µs from an arbitrary start. */
  readonly timestamp: number;
  /** In µs; 0 where it is not known. */
  readonly duration: number;
  /** Belongs to whoever holds the chunk: nobody changes it after the chunk was handed over. */
  readonly data: Uint8Array;
}

/** A chunk that came from a remote peer. */
export interface ReceivedChunk extends EncodedChunk {
  /** Media clock of the sender, unwrapped: in audio 48,000 a second, in video 90,000. */
  readonly rtpTimestamp: number;
  /** Frames (video) or packets (audio) that are missing right before this one: lost, or given up. */
  readonly lostBefore: number;
  /** When the packet that completed it arrived, in ms of the clock of the connection. */
  readonly receivedAtMs: number;
}
