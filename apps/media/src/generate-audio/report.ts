import type { WavFileSummary } from "@conic/audio";
import type { GenerateAudioOptions } from "./options.js";

/** What was written, for people. */
export function describeFile(
  path: string,
  options: GenerateAudioOptions,
  file: WavFileSummary,
  peak: number,
): string[] {
  const { format, frames } = file;
  const channels = format.channels === 1 ? "1 channel" : `${format.channels} channels`;
  const pitched = options.waveform === "sine" || options.waveform === "square";
  const wave = pitched ? `${options.waveform} of ${options.frequency} Hz` : options.waveform;
  return [
    `wrote ${path}`,
    `  format    ${file.container === "RF64" ? "WAV (RF64)" : "WAV"}, PCM ${format.bitsPerSample} bit, ${format.sampleRate} Hz, ${channels}`,
    `  wave      ${wave}`,
    `  duration  ${decimal(frames / format.sampleRate)} s, ${frames} frames`,
    `  size      ${file.fileBytes} bytes`,
    `  peak      ${decimal(peak)} of full scale${decibels(peak)}`,
  ];
}

function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}

function decibels(peak: number): string {
  return peak > 0 ? `, ${(20 * Math.log10(peak)).toFixed(1)} dBFS` : "";
}
