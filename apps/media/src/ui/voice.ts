import { describe } from "./text/describe.js";
import type { MediaEvent, Report } from "../start/events.js";

/** The streams of the program. */
export interface Terminal {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly error: NodeJS.WriteStream;
}

/** Whether a person sits there, who sees a line that is refreshed and presses keys. */
export function isInteractive({ input, output }: Terminal, json: boolean): boolean {
  return input.isTTY && output.isTTY && !json;
}

export interface Voice {
  readonly report: Report;
  /** A line for people. */
  readonly print: (line: string) => void;
  /** From now on lines for people go there; undefined: as before. */
  readonly redirect: (above: ((line: string) => void) | undefined) => void;
}

/** People's text: on stdout at a terminal; else on stderr, so that stdout holds JSON alone, or nothing. */
export function createVoice(terminal: Terminal, json: boolean): Voice {
  const usual = (line: string): void => {
    const stream = isInteractive(terminal, json) ? terminal.output : terminal.error;
    stream.write(`${line}\n`);
  };
  let print = usual;
  const report = (event: MediaEvent): void => {
    if (json) terminal.output.write(`${JSON.stringify(timed(event))}\n`);
    const line = describe(event);
    if (line !== undefined) print(line);
  };
  return {
    report,
    print: (line) => print(line),
    redirect: (above) => {
      print = above ?? usual;
    },
  };
}

function timed(event: MediaEvent): { readonly time: string } & MediaEvent {
  return { time: new Date().toISOString(), ...event };
}
