import { isUtf8 } from "node:buffer";
import { ConicError } from "@conic/domain";
import { isSendable } from "../../connection/close-rules.js";
import { opcodes } from "./frame-bytes.js";
import { headerBytes, PartialFrame, payloadBytes } from "./partial-frame.js";
import { unmask } from "./unmask.js";

/** Is told what a client sends. */
export interface FrameSink {
  /** A whole message, of valid UTF-8. */
  onText(bytes: Buffer): void;
  onBinary(): void;
  onPing(payload: Buffer): void;
  /** 1005 for a close frame without a code. Nothing comes after it. */
  onClose(code: number, reason: string): void;
  /** The client broke the protocol or a limit, and is to be closed with `closeCode`. Nothing comes after it. */
  onInvalid(closeCode: number, error: ConicError): void;
}

/**
 * A message in tiny fragments costs a hundred times its size in memory. Real ones come in a few: 64 KiB is 123
 * fragments of the smallest MTU that IPv4 knows, and no browser sends any.
 */
const maxFragments = 64;
/** The same for TCP segments of one frame. */
const maxSegments = 1024;

const finBit = 0x80;
const reservedBits = 0x70;
const maskBit = 0x80;
const maxControlBytes = 125;

/** Frames of a client, as bytes of any cut (RFC 6455 section 5). Sans-I/O; it changes the bytes that it is given. */
export class FrameReceiver {
  readonly #sink: FrameSink;
  readonly #maxMessageBytes: number;
  #partial: PartialFrame | undefined;
  /** Of the message that has begun and not ended: text or binary. */
  #opcode: number | undefined;
  #fragments: Buffer[] | undefined;
  #fragmentBytes = 0;
  #done = false;

  constructor(sink: FrameSink, maxMessageBytes: number) {
    this.#sink = sink;
    this.#maxMessageBytes = maxMessageBytes;
  }

  push(chunk: Buffer): void {
    let at = this.#partial === undefined ? 0 : this.#resume(this.#partial, chunk);
    while (!this.#done && at < chunk.length) {
      const end = this.#frame(chunk, at);
      if (end === undefined) {
        this.#keep(chunk.subarray(at));
        return;
      }
      at = end;
    }
  }

  #keep(start: Buffer): void {
    if (!this.#done) this.#partial = new PartialFrame(start);
  }

  /** Goes on with a frame of which a part came before; the offset behind it. */
  #resume(partial: PartialFrame, chunk: Buffer): number {
    partial.segments += 1;
    if (partial.segments > maxSegments) {
      this.#invalid(1008, "too_large", `a frame came in more than ${maxSegments} segments`);
    }
    let at = 0;
    while (!this.#done && at < chunk.length) {
      at = partial.take(chunk, at);
      if (this.#frame(partial.bytes, 0) === undefined) continue;
      this.#partial = undefined;
      break;
    }
    return at;
  }

  /** Reads the frame at `at`; the offset behind it, or undefined when it is not all there or not to be read. */
  #frame(buffer: Buffer, at: number): number | undefined {
    const left = buffer.length - at;
    if (left < 2) return undefined;
    const first = buffer[at] as number;
    const second = buffer[at + 1] as number;
    const header = headerBytes(second);
    const problem = this.#problemOf(first, second);
    if (problem !== undefined) return this.#invalid(1002, "invalid_message", problem);
    if (left < header) return undefined;
    const length = payloadBytes(buffer, at);
    const opcode = first & 0x0f;
    if (opcode < opcodes.close && this.#fragmentBytes + length > this.#maxMessageBytes) {
      const text = `a message is at most ${this.#maxMessageBytes} bytes`;
      return this.#invalid(1009, "too_large", text);
    }
    if (left < header + length) return undefined;
    unmask(buffer, at + header - 4, length);
    const end = at + header + length;
    const payload = buffer.subarray(at + header, end);
    if (opcode >= opcodes.close) this.#control(opcode, payload);
    else this.#data(opcode, (first & finBit) !== 0, payload);
    return end;
  }

  #problemOf(first: number, second: number): string | undefined {
    const opcode = first & 0x0f;
    const isFinal = (first & finBit) !== 0;
    if ((first & reservedBits) !== 0) return "a reserved bit is set";
    if ((second & maskBit) === 0) return "a client must mask its frames";
    if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close)) {
      return `the opcode ${opcode} is not known`;
    }
    if (opcode >= opcodes.close) {
      if (!isFinal) return "a control frame is not fragmented";
      if ((second & 0x7f) > maxControlBytes) return "a control frame is at most 125 bytes";
      return undefined;
    }
    const hasBegun = this.#opcode !== undefined;
    if (opcode === opcodes.continuation) {
      return hasBegun ? undefined : "a continuation of no message";
    }
    return hasBegun ? "a message inside a message" : undefined;
  }

  #data(opcode: number, isFinal: boolean, payload: Buffer): void {
    if (isFinal && this.#opcode === undefined) {
      this.#message(opcode, payload);
      return;
    }
    this.#opcode ??= opcode;
    this.#fragments ??= [];
    if (this.#fragments.length >= maxFragments) {
      const text = `a message came in more than ${maxFragments} fragments`;
      this.#invalid(1008, "too_large", text);
      return;
    }
    // Copies: each would hold the whole read of the network that it came in with.
    this.#fragments.push(Buffer.from(payload));
    this.#fragmentBytes += payload.length;
    if (!isFinal) return;
    const whole = Buffer.concat(this.#fragments);
    const begun = this.#opcode;
    this.#opcode = undefined;
    this.#fragments = undefined;
    this.#fragmentBytes = 0;
    this.#message(begun, whole);
  }

  #message(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.binary) this.#sink.onBinary();
    else if (isUtf8(payload)) this.#sink.onText(payload);
    else this.#invalid(1007, "invalid_message", "a text message is not UTF-8");
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.close) this.#close(payload);
    else if (opcode === opcodes.ping) this.#sink.onPing(payload);
  }

  #close(payload: Buffer): void {
    if (payload.length === 0) {
      this.#end();
      this.#sink.onClose(1005, "");
      return;
    }
    const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
    const reason = payload.subarray(2);
    if (!isSendable(code)) this.#invalid(1002, "invalid_message", "the close code is none to send");
    else if (!isUtf8(reason)) this.#invalid(1007, "invalid_message", "a reason is not UTF-8");
    else {
      this.#end();
      this.#sink.onClose(code, reason.toString());
    }
  }

  #invalid(closeCode: number, code: "invalid_message" | "too_large", text: string): undefined {
    this.#end();
    this.#sink.onInvalid(closeCode, new ConicError(code, text));
  }

  #end(): void {
    this.#done = true;
    this.#partial = undefined;
    this.#fragments = undefined;
  }
}
