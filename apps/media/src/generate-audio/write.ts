import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { fileSink, tone, WavWriter, type WavFileSummary } from "@conic/audio";
import { isConicError, throwIfAborted } from "@conic/domain";
import { ExitError, exitCodes, type CommandIo } from "@conic/internal-cli";
import { writeAtomically } from "../files/atomic-file.js";
import type { GenerateAudioOptions } from "./options.js";
import { describeFile } from "./report.js";

/** Writes the file and describes it on stdout. @throws ExitError when it cannot be written, or the user interrupts. */
export async function writeTone(options: GenerateAudioOptions, io: CommandIo): Promise<void> {
  // pnpm runs scripts in the folder of the package and leaves in INIT_CWD where the user is.
  const path = resolve(io.env["INIT_CWD"] ?? io.cwd, options.output);
  try {
    const { file, peak } = await writeAtomically(path, (handle) =>
      generate(handle, options, io.signal),
    );
    io.print(describeFile(path, options, file, peak).join("\n"));
  } catch (error) {
    if (!isConicError(error, "aborted")) throw error;
    const message = "interrupted; nothing was written";
    throw new ExitError(exitCodes.interrupted, message, { cause: error });
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
