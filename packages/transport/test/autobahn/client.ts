import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { closePayload, opcodes, rawFrame, upgradeHeaders } from "../support/raw-client.js";
import { octets, type Case, type Heard, type Step } from "./case.js";

/** How the octets of a case are cut into TCP segments. */
export type Segmentation = "as listed" | "octet by octet";

/**
 * Of a longer run of octets, only so many at either end leave one by one: the endpoint takes 1,024 segments of a
 * message at most (maxBufferedChunks).
 */
const octetsAtEnds = 128;

/** Reads frames as RFC 6455 section 5.2 has them, and is as strict with the endpoint as it must be with us. */
export class FrameReader {
  #buffer = Buffer.alloc(0);

  /** @throws Error for frames that a server must not send. */
  read(chunk: Uint8Array): Heard[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    const heard: Heard[] = [];
    for (let one = this.#next(); one !== undefined; one = this.#next()) heard.push(one);
    return heard;
  }

  #next(): Heard | undefined {
    const buffer = this.#buffer;
    if (buffer.length < 2) return undefined;
    const [first = 0, second = 0] = buffer;
    const short = second & 0x7f;
    const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (buffer.length < headBytes) return undefined;
    const bytes =
      short === 127
        ? Number(buffer.readBigUInt64BE(2))
        : short === 126
          ? buffer.readUInt16BE(2)
          : short;
    if (buffer.length < headBytes + bytes) return undefined;
    const payload = buffer.subarray(headBytes, headBytes + bytes);
    this.#buffer = buffer.subarray(headBytes + bytes);
    requireLawful(first, second, headBytes, bytes);
    return meaning(first & 0x0f, payload);
  }
}

function requireLawful(first: number, second: number, headBytes: number, bytes: number): void {
  const shortest = bytes > 0xffff ? 10 : bytes > 125 ? 4 : 2;
  const control = (first & 0x08) !== 0;
  if ((first & 0x80) === 0) throw new Error("a fragment came, for a whole message");
  if ((first & 0x70) !== 0) throw new Error("a reserved bit is set");
  if ((second & 0x80) !== 0) throw new Error("a server masks");
  if (headBytes !== shortest) throw new Error("a length in more octets than it needs");
  if (control && bytes > 125) throw new Error("a control frame that is too long");
}

function meaning(opcode: number, payload: Buffer): Heard {
  if (opcode === opcodes.text) return ["text", octets(payload)];
  if (opcode === opcodes.pong) return ["pong", octets(payload)];
  if (opcode !== opcodes.close) throw new Error(`opcode ${opcode} was not asked for`);
  return ["close", payload.length >= 2 ? payload.readUInt16BE(0) : 1005];
}

/** Runs of octets, with the numbers to wait for between them. */
function segments(steps: readonly Step[], segmentation: Segmentation): readonly Step[] {
  if (segmentation === "as listed") return steps;
  const runs: Step[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (typeof step === "number" || typeof last !== "object") runs.push(step);
    else runs[runs.length - 1] = Buffer.concat([last, step]);
  }
  return runs.flatMap((run) => (typeof run === "number" ? [run] : octetByOctet(run)));
}

function single(part: Uint8Array): Step[] {
  return Array.from(part, (octet) => Buffer.of(octet));
}

function octetByOctet(run: Uint8Array): Step[] {
  if (run.length <= octetsAtEnds * 2) return single(run);
  const middle = run.subarray(octetsAtEnds, -octetsAtEnds);
  return [...single(run.subarray(0, octetsAtEnds)), middle, ...single(run.subarray(-octetsAtEnds))];
}

/** What came of a case. */
export interface Outcome {
  readonly heard: readonly Heard[];
  /** Names of the extensions that the endpoint agreed to. */
  readonly extensions: string;
  /** Whether the endpoint let go of the connection, as a server does (RFC 6455 section 7.1.1). */
  readonly ended: boolean;
}

class Exchange {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly heard: Heard[] = [];
  ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("end", () => {
      this.ended = true;
    });
    socket.on("close", () => this.#wake?.());
    // An endpoint that says too little fails the case, not the whole run.
    socket.setTimeout(60_000, () => socket.destroy());
  }

  /** Whether the endpoint has said all that it will. */
  get over(): boolean {
    return this.heard.some(([kind]) => kind === "close");
  }

  async handshake(extensions: string | undefined): Promise<string> {
    const offer = extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`];
    this.#socket.write(`GET /ws HTTP/1.1\r\n${[...upgradeHeaders, ...offer].join("\r\n")}\r\n\r\n`);
    const [chunk] = (await once(this.#socket, "data")) as [Buffer];
    const head = chunk.toString("latin1");
    if (!/^HTTP\/1.1 101 .*\r\n\r\n$/s.test(head)) throw new Error(head);
    this.#socket.on("data", (bytes: Buffer) => {
      this.#hear(bytes);
    });
    // The endpoint begins to read now.
    await new Promise((resolve) => setImmediate(resolve));
    return /^sec-websocket-extensions: *(.*)$/im.exec(head)?.[1] ?? "";
  }

  /** One write is one segment: Nagle's algorithm is off, and the endpoint reads it before the next leaves. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#socket.writable) this.#socket.write(bytes);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Waits for something to come, until that is enough or nothing more can come. */
  async until(test: () => boolean): Promise<void> {
    while (!test() && !this.#socket.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  /** Waits for the endpoint to end the connection; where it failed, it waits for us to answer its close and go. */
  async leave(failed: boolean): Promise<void> {
    if (failed) {
      await this.write(rawFrame(opcodes.close, closePayload(1000)));
      this.#socket.end();
    }
    await this.until(() => false);
  }

  #hear(bytes: Buffer): void {
    try {
      this.heard.push(...this.#reader.read(bytes));
    } catch (error) {
      this.#failure ??= error;
      this.#socket.destroy();
    }
    this.#wake?.();
  }
}

/** Runs one case on a connection of its own. */
export async function runCase(
  port: number,
  one: Case,
  segmentation: Segmentation,
): Promise<Outcome> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const exchange = new Exchange(socket);
  const extensions = await exchange.handshake(one.extensions);
  for (const step of segments(one.send, segmentation)) {
    if (typeof step !== "number") await exchange.write(step);
    else await exchange.until(() => exchange.heard.length >= step || exchange.over);
  }
  const { heard } = exchange;
  const closes = one.expect.some(([kind]) => kind === "close");
  await exchange.until(() => heard.length >= one.expect.length || exchange.over);
  if (!closes) await exchange.write(rawFrame(opcodes.close, closePayload(1000)));
  await exchange.leave(closes && one.clean !== true);
  return { heard, extensions, ended: exchange.ended };
}
