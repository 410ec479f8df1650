import { opcodes, rawFrame, type FrameOptions } from "../support/raw-client.js";

/** What the endpoint sends. A close without a code is 1005, as RFC 6455 section 7.1.5 counts it. */
export type Heard =
  | readonly [kind: "text" | "pong", payload: string]
  | readonly [kind: "close", code: number];

/** Octets that leave in one write, or so many events to wait for before the next ones leave. */
export type Step = Uint8Array | number;

/** One case of the Autobahn test suite, for an endpoint that echoes what it is sent. */
export interface Case {
  /** The suite's number. */
  readonly id: string;
  readonly what: string;
  readonly send: readonly Step[];
  /** All that the endpoint says, in order. */
  readonly expect: readonly Heard[];
  /** The case closes as one should: the endpoint ends the connection by itself. */
  readonly clean?: true;
  /** Where the case or its outcome is not the suite's: why. */
  readonly adapted?: string;
  /** Value of Sec-WebSocket-Extensions in the request. */
  readonly extensions?: string;
}

const { text, continuation, ping, pong, close } = opcodes;

export const hello = "Hello, world!";

/** Why messages wait for an echo: the suite lets an endpoint drop it when the connection fails in the same read. */
export const echoFirst = "the next frame leaves when the echo has come: both outcomes were allowed";

/** A payload as text that stands for its octets, one each. */
export function octets(payload: Uint8Array | string): string {
  return Buffer.from(payload as string).toString("latin1");
}

export const textFrame = (payload: Uint8Array | string = hello, options?: FrameOptions): Buffer =>
  rawFrame(text, payload, options);
export const moreFrame = (payload: Uint8Array | string = hello, options?: FrameOptions): Buffer =>
  rawFrame(continuation, payload, options);
export const pingFrame = (payload: Uint8Array | string = "", options?: FrameOptions): Buffer =>
  rawFrame(ping, payload, options);
export const pongFrame = (payload: Uint8Array | string = "", options?: FrameOptions): Buffer =>
  rawFrame(pong, payload, options);
export const closeFrame = (payload: Uint8Array | string = "", options?: FrameOptions): Buffer =>
  rawFrame(close, payload, options);

/** The clean end: nobody said why, as the client of these tests closes with 1000. */
export const normal: Heard = ["close", 1000];
export const protocolError: Heard = ["close", 1002];
export const noBinary: Heard = ["close", 1003];
export const invalidText: Heard = ["close", 1007];
export const tooMany: Heard = ["close", 1008];
export const tooLarge: Heard = ["close", 1009];

export function echoed(payload: Uint8Array | string = hello): Heard {
  return ["text", octets(payload)];
}

/** A message in frames of at most `size` octets each. */
export function fragments(
  opcode: number,
  payload: Uint8Array | string,
  size: number,
): readonly Buffer[] {
  const data = Buffer.from(payload as string);
  const count = Math.max(1, Math.ceil(data.byteLength / size));
  return Array.from({ length: count }, (_, i) =>
    rawFrame(i === 0 ? opcode : continuation, data.subarray(i * size, (i + 1) * size), {
      fin: i === count - 1,
    }),
  );
}

/** Octets in writes of at most `size`. */
export function chopped(bytes: Uint8Array, size: number): readonly Buffer[] {
  const data = Buffer.from(bytes);
  return Array.from({ length: Math.ceil(data.byteLength / size) }, (_, i) =>
    data.subarray(i * size, (i + 1) * size),
  );
}
