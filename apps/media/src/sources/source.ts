import type { EncodedChunk } from "@conic/domain";
import type { Timeline } from "./pace/timeline.js";

export interface PlayOptions {
  /** Gives the chunks out when they are due; shared by the tracks of a call. Default: as fast as they are read. */
  readonly timeline?: Timeline | undefined;
  /** Ends the playing with `aborted`, at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface PlayVideoOptions extends PlayOptions {
  /** Asked once for every frame that is encoded: true makes it a key frame. Nothing can be made of a file of VP8. */
  readonly keyFrameWanted?: (() => boolean) | undefined;
  /** Asked once for every frame that is encoded: bits a second from that frame on. */
  readonly bitrate?: (() => number) | undefined;
}

/** What both kinds have in common. Disposing closes files and codecs, and is idempotent. */
interface Source extends AsyncDisposable {
  /** One line for people, such as `talk.wav, PCM 16 bit, 44100 Hz, 2 channels`. */
  readonly description: string;
}

export interface AudioSource extends Source {
  readonly numberOfChannels: 1 | 2;
  /**
   * Opus packets without gaps, timestamps from 0; by one loop, once. Its end, or leaving it, disposes the source. It
   * throws `invalid_data` for a file that breaks off, after all that came before; `aborted`; `invalid_state` for a
   * second loop. The message names the file.
   */
  packets(options?: PlayOptions): AsyncIterable<EncodedChunk>;
}

export interface VideoSource extends Source {
  readonly width: number;
  readonly height: number;
  /** Frames a second; undefined for a file that does not say. */
  readonly framerate: number | undefined;
  /** Bits a second that it is encoded with at most; undefined for a file of VP8, which is sent as it is. */
  readonly maxBitrate: number | undefined;
  /** Frames that were left out because the machine was too slow for them. */
  readonly skippedFrames: number;
  /** VP8 frames; as {@link AudioSource.packets}, but with gaps where frames are left out. */
  chunks(options?: PlayVideoOptions): AsyncIterable<EncodedChunk>;
}

interface SourceOptions {
  /** Starts a file again when it ends; timestamps go on. Default false. */
  readonly loop?: boolean | undefined;
  /** Ends after that much media. Default: with the file; a tone and a pattern have no end. */
  readonly seconds?: number | undefined;
  /** Bits a second; a file that is compressed already is sent as it is. Default: that of the codec. */
  readonly bitrate?: number | undefined;
}

/** A path of a file, or a tone when there is none. */
export interface AudioSourceOptions extends SourceOptions {
  /** Any WAV file. */
  readonly wav?: string | undefined;
  /** Ogg/Opus, sent as it is. */
  readonly ogg?: string | undefined;
  /** Of the tone, in Hz. Default 440. */
  readonly frequency?: number | undefined;
  /** Default: those of the file, 2 at most; a tone has 1. */
  readonly channels?: 1 | 2 | undefined;
}

export type PatternName = "counted" | "checker";

/** A path of a file, or a pattern when there is none. */
export interface VideoSourceOptions extends SourceOptions {
  /** VP8 in IVF, sent as it is. */
  readonly ivf?: string | undefined;
  readonly y4m?: string | undefined;
  /** Raw I420; `size` and `framerate` say what is in it. */
  readonly yuv?: string | undefined;
  /** Such as `640x480`, which is the default. Of `yuv` and patterns alone. */
  readonly size?: string | undefined;
  /** Frames a second. Default 30. Of `yuv` and patterns alone. */
  readonly framerate?: number | undefined;
  /** Default `counted`. */
  readonly pattern?: PatternName | undefined;
}
