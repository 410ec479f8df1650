import type { Waveform } from "@conic/audio";

/** A tone and the file that it goes into. */
export interface GenerateAudioOptions {
  /** As the user gave it. */
  readonly output: string;
  readonly frames: number;
  /** In Hz. */
  readonly frequency: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  readonly amplitude: number;
  readonly waveform: Waveform;
}
