import type { Duplex } from "node:stream";
import type { Frame } from "@conic/domain";
import { putTextFrame, wireBytes } from "./frame-bytes.js";

/** Most turns write less to a socket than this. */
const scratchBytes = 16_384;

/**
 * Where frames are put together. One for all sockets: what the kernel takes at once, which is nearly all, was copied
 * when the write returns. Given away when it was not.
 */
let scratch: Buffer | undefined;
/** The frame that lies alone at the start of `scratch`, and its bytes there: what goes to many is made once. */
let lastFrame: Frame | undefined;
let lastBytes: Buffer | undefined;

/** Text frames of a server that leave in one write, headers and all. */
export class Outbox {
  // One frame a turn is the rule.
  #first: Frame | undefined;
  #more: Frame[] | undefined;
  #byteLength = 0;

  /** Of all frames in it, with their headers. */
  get byteLength(): number {
    return this.#byteLength;
  }

  push(frame: Frame): void {
    this.#byteLength += wireBytes(frame.byteLength);
    if (this.#first === undefined) this.#first = frame;
    else if (this.#more === undefined) this.#more = [frame];
    else this.#more.push(frame);
  }

  clear(): void {
    this.#first = undefined;
    this.#more = undefined;
    this.#byteLength = 0;
  }

  /** Writes all of it; `onWritten` is called when the layer below has taken it. */
  writeTo(stream: Duplex, onWritten: (() => void) | undefined): void {
    const bytes = this.#take(stream);
    if (bytes === undefined) return;
    stream.write(bytes, onWritten);
    if (bytes.buffer !== scratch?.buffer || stream.writableLength === 0) return;
    // Still to be sent: these bytes must not change any more.
    scratch = undefined;
    lastFrame = undefined;
    lastBytes = undefined;
  }

  #take(stream: Duplex): Buffer | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const more = this.#more;
    const length = this.#byteLength;
    this.clear();
    // What is written behind something that waits, waits too.
    if (length > scratchBytes || stream.writableLength > 0) {
      return join(Buffer.allocUnsafe(length), first, more);
    }
    if (first === lastFrame && more === undefined && lastBytes !== undefined) return lastBytes;
    scratch ??= Buffer.allocUnsafeSlow(scratchBytes);
    const bytes = join(scratch.subarray(0, length), first, more);
    lastFrame = more === undefined ? first : undefined;
    lastBytes = bytes;
    return bytes;
  }
}

function join(target: Buffer, first: Frame, more: readonly Frame[] | undefined): Buffer {
  let at = putTextFrame(target, 0, first.bytes);
  if (more !== undefined) for (const frame of more) at = putTextFrame(target, at, frame.bytes);
  return target;
}
