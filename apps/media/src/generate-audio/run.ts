import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { fileSink, tone, WavWriter, type WavFileSummary } from "@conic/audio";
import { isConicError, throwIfAborted } from "@conic/domain";
import { exitCodes, UsageError, type CommandIo } from "../io.js";
import { writeAtomically } from "./atomic-file.js";
import { parseGenerateAudioOptions, type GenerateAudioOptions } from "./options.js";
import { describeFile } from "./report.js";

/** Writes the file that the flags ask for and describes it on stdout; returns the exit code. Never throws. */
export async function runGenerateAudio(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    const options = parseGenerateAudioOptions(argv);
    // pnpm runs scripts in the folder of the package and leaves in INIT_CWD where the user is.
    const path = resolve(io.env["INIT_CWD"] ?? io.cwd, options.output);
    const { file, peak } = await writeAtomically(path, (handle) =>
      generate(handle, options, io.signal),
    );
    for (const line of describeFile(path, options, file, peak)) io.stdout(line);
    return exitCodes.ok;
  } catch (error) {
    if (isConicError(error, "aborted")) {
      io.stderr("generate-audio: interrupted; nothing was written");
      return exitCodes.interrupted;
    }
    if (error instanceof UsageError) {
      io.stderr(`generate-audio: ${error.message}`);
      return exitCodes.usage;
    }
    io.stderr(`generate-audio: ${error instanceof Error ? error.message : String(error)}`);
    return exitCodes.failed;
  }
}

/** Enough frames that a block is worth a system call, few enough that an interrupt is quick. */
const framesPerBlock = 16_384;

async function generate(
  handle: FileHandle,
  options: GenerateAudioOptions,
  signal: AbortSignal | undefined,
): Promise<{ file: WavFileSummary; peak: number }> {
  const { channels, sampleRate, bitsPerSample, frames } = options;
  const spec = { channels, sampleRate, bitsPerSample };
  const writer = new WavWriter(fileSink(handle), spec, { frames });
  let peak = 0;
  for (const block of tone({ ...options, framesPerBlock })) {
    for (const sample of block) peak = Math.max(peak, Math.abs(sample));
    await writer.write(block, { signal });
  }
  throwIfAborted(signal);
  return { file: await writer.close(), peak };
}
