import { ConicError } from "@conic/domain";

/** One DATA or I-DATA chunk as received. */
export interface Fragment {
  readonly tsn: number;
  readonly streamId: number;
  readonly unordered: boolean;
  readonly begin: boolean;
  readonly end: boolean;
  /** Stream sequence number of DATA, message identifier of I-DATA. */
  readonly message: number;
  /** Of I-DATA: which fragment of its message this is; 0 for DATA. */
  readonly fragmentNumber: number;
  /** Of DATA, and of the first fragment of I-DATA. */
  readonly ppid: number;
  readonly data: Uint8Array;
}

/** What reassembly does with a complete message, or one piece of it. */
export interface Message {
  readonly streamId: number;
  readonly unordered: boolean;
  readonly message: number;
  readonly ppid: number;
  readonly data: Uint8Array;
}

/** What it costs to hold a message or a part of one, above its data: small ones must not be free. */
export const holdingBytes = 128;

/** For data that is held: a few bytes must not keep a whole packet alive. */
export function ownData(data: Uint8Array): Uint8Array {
  return data.buffer.byteLength > 2 * data.length + 256 ? data.slice() : data;
}

export function join(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @throws ConicError `too_large` when what is here of a message is more than was announced for a whole one. */
export function checkSize(bytes: number, maxMessageBytes: number): void {
  if (bytes <= maxMessageBytes) return;
  throw new ConicError(
    "too_large",
    `a message is above the ${maxMessageBytes} bytes that were announced`,
  );
}

/** Puts fragments together to messages. */
export interface Reassembly {
  /** Bytes held in incomplete messages. */
  readonly heldBytes: number;
  /**
   * The message that this fragment completes. What is held of a fragment counts until it is complete or dropped.
   * @throws ConicError `invalid_message` when the fragments contradict each other, `too_large`.
   */
  add(fragment: Fragment): Message | undefined;
  /** Drops what is incomplete of messages that the sender gave up: of DATA, by TSN; of I-DATA, by identifier. */
  abandonUpTo(tsn: number): void;
  abandonMessages(streamId: number, unordered: boolean, message: number): void;
  /** Drops all of a stream that the remote reset. */
  resetStream(streamId: number): void;
}
