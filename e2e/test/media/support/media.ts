import { builtApp } from "../../../src/signal-server.js";
import { patienceMs } from "../../../src/within.js";
import { Program, type Exit } from "../../datachannel/support/program.js";

/** One line of `--json`. */
export interface MediaEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** How much media the tests send: the whole proof takes 30 s. */
export const seconds: number = Number(process.env["CONIC_MEDIA_SECONDS"] ?? 5);

/** For tests that send so much. */
export const testTimeoutMs: number = 180_000 + seconds * 1000;

let count = 0;

/** An id that no other test of this file uses. */
export function unique(name: string): string {
  count += 1;
  return `${name}-${count}`;
}

/** `conic-media start` without a terminal, with `--json`. */
export class MediaProgram extends Program {
  readonly id: string;
  #parsed: MediaEvent[] = [];

  private constructor(addr: string, id: string, args: readonly string[]) {
    const [kind = "", ...flags] = args;
    const command = ["start", kind, "--json", `--addr=${addr}`, `--id=${id}`, ...flags];
    super(id, process.execPath, [builtApp("media"), ...command]);
    this.id = id;
  }

  /** Waits for calls from now on: resolves when it is registered. */
  static async answer(addr: string, ...args: readonly string[]): Promise<MediaProgram> {
    const program = new MediaProgram(addr, unique("answer"), [...args, "--role=answer"]);
    try {
      await program.event("registered");
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
    return program;
  }

  static offer(addr: string, peer: string, ...args: readonly string[]): MediaProgram {
    return new MediaProgram(addr, unique("offer"), [...args, "--role=offer", `--peer=${peer}`]);
  }

  /** Every line of stdout. @throws SyntaxError when one of them is not JSON. */
  get events(): readonly MediaEvent[] {
    const fresh = this.stdout.lines.slice(this.#parsed.length);
    this.#parsed.push(...fresh.map((line) => JSON.parse(line) as MediaEvent));
    return this.#parsed;
  }

  of(event: string): readonly MediaEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  /** The first event of that name that has all of these fields. */
  event(event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<MediaEvent> {
    const wanted = Object.entries({ event, ...fields });
    const find = (): MediaEvent | undefined =>
      this.events.find((one) => wanted.every(([key, value]) => one[key] === value));
    return this.stdout.until(JSON.stringify({ event, ...fields }), find);
  }

  /** The one line that tells why it failed. */
  get failure(): string {
    const lines = this.stderr.lines.filter((line) => line.startsWith("conic-media: "));
    if (lines.length !== 1) throw new Error(`${lines.length} lines of failure: ${this.report()}`);
    return lines[0] ?? "";
  }
}

/**
 * A call from its beginning to its end: what both sides said, and how they ended.
 * @param started - is told of who calls, as soon as it does.
 */
export async function call(
  addr: string,
  answerArgs: readonly string[],
  offerArgs: readonly string[],
  started?: (offer: MediaProgram) => void,
): Promise<{ answer: MediaProgram; offer: MediaProgram; exits: readonly [Exit, Exit] }> {
  const answer = await MediaProgram.answer(addr, ...answerArgs);
  const offer = MediaProgram.offer(addr, answer.id, ...offerArgs);
  started?.(offer);
  try {
    const patience = patienceMs + seconds * 1000;
    const exits = await Promise.all([offer.exit(patience), answer.exit(patience)]);
    return { answer, offer, exits };
  } finally {
    await Promise.all([answer[Symbol.asyncDispose](), offer[Symbol.asyncDispose]()]);
  }
}

export const good: readonly [Exit, Exit] = [
  { code: 0, signal: null },
  { code: 0, signal: null },
];
