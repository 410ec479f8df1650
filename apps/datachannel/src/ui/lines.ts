import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";
import { ConicError } from "@conic/domain";
import { ExitError, exitCodes } from "@conic/internal-cli";

/** In UTF-16 code units: four times the largest message. */
export const maxLineLength = 1_048_576;

/**
 * Lines of a stream, read no faster than they are taken (node:readline reads ahead 1,024 lines of any size). Ends
 * early, without an error, when the signal fires.
 */
export async function* linesOf(input: Readable, signal: AbortSignal): AsyncGenerator<string> {
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    input.destroy();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    yield* splitLines(input);
  } catch (error) {
    // The compiler does not see that stop() runs in between.
    if (stopped as boolean) return;
    throw error instanceof ExitError
      ? error
      : ConicError.from(error, "closed", "stdin cannot be read");
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function* splitLines(input: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of input as AsyncIterable<Buffer>) {
    const [first = "", ...more] = decoder.write(chunk).split("\n");
    rest += first;
    if (rest.length > maxLineLength) {
      throw new ExitError(
        exitCodes.failure,
        `a line of stdin is longer than ${maxLineLength} characters`,
      );
    }
    for (const next of more) {
      yield withoutReturn(rest);
      rest = next;
    }
  }
  rest += decoder.end();
  if (rest !== "") yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
