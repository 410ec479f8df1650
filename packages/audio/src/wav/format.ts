/** How a sample is stored: linear integers, IEEE floats, or one of the logarithmic codes of ITU-T G.711. */
export type SampleEncoding = "pcm" | "float" | "alaw" | "mulaw";

/** RIFF is the ordinary file, RIFX its big-endian twin, RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088) pass 4 GiB. */
export type WavContainer = "RIFF" | "RIFX" | "RF64" | "BW64";

/** The samples of a WAV file. A frame is one sample of each channel. */
export interface WavFormat {
  readonly encoding: SampleEncoding;
  readonly channels: number;
  /** Frames per second, in Hz. */
  readonly sampleRate: number;
  /** Bits that a stored sample takes: 8, 16, 24, 32 or 64. PCM of 8 bits is unsigned, wider PCM is signed. */
  readonly bitsPerSample: number;
  /** Bits of those that carry the value, the most significant ones: 12 in 16, 24 in 32. */
  readonly validBits: number;
  /** Bytes of one frame. */
  readonly blockAlign: number;
  /** Speaker positions (dwChannelMask of WAVEFORMATEXTENSIBLE); undefined when the file names none. */
  readonly channelMask: number | undefined;
  readonly byteOrder: "little" | "big";
}

/** What the headers of a file say. */
export interface WavInfo {
  readonly container: WavContainer;
  readonly format: WavFormat;
  /** Bytes from the start of the file to the first sample. */
  readonly dataOffset: number;
  /** Bytes of samples; undefined when the file was streamed and its size never filled in. */
  readonly dataBytes: number | undefined;
  /** Whole frames in `dataBytes`; undefined with it. */
  readonly frames: number | undefined;
}

/** What was found once the samples were read to their end. */
export interface WavSummary {
  readonly frames: number;
  /** Bytes of samples that were there, with those of a partial last frame. */
  readonly dataBytes: number;
  /** Bytes of a last frame that is not whole; they are in no block. */
  readonly partialFrameBytes: number;
  /** Whether the file ends before the bytes it declares. */
  readonly truncated: boolean;
}

/** A size of all ones means "not known" (RIFF streams) or "see ds64" (RF64). */
export const unknownSize32 = 0xffffffff;

export const formatTags = { pcm: 1, float: 3, alaw: 6, mulaw: 7 } as const;
export const extensibleTag = 0xfffe;

/** Bytes 8 to 15 of KSDATAFORMAT_SUBTYPE_*, the same for every format tag; bytes 4 to 7 are 0000-0010 there. */
export const subFormatTail: readonly number[] = [0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];
