import { ConicError } from "@conic/domain";
import { isAfter, next, previous } from "../wire/serial.js";
import {
  checkSize,
  holdingBytes,
  join,
  ownData,
  type Fragment,
  type Message,
  type Reassembly,
} from "./fragment.js";

/** Fragments with consecutive TSNs of one message, from `first` to `last`. */
interface Run {
  first: number;
  last: number;
  begins: boolean;
  ends: boolean;
  parts: Uint8Array[];
  bytes: number;
  readonly streamId: number;
  readonly unordered: boolean;
  readonly message: number;
  ppid: number;
}

/** DATA: the fragments of a message have consecutive TSNs (RFC 9260 section 6.9). */
export class DataReassembly implements Reassembly {
  readonly #maxMessageBytes: number;
  readonly #byFirst = new Map<number, Run>();
  readonly #byLast = new Map<number, Run>();
  #held = 0;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  get heldBytes(): number {
    return this.#held;
  }

  add(fragment: Fragment): Message | undefined {
    if (fragment.begin && fragment.end) return fragment;
    this.#held += fragment.data.length + holdingBytes;
    const run = this.#extend(fragment);
    checkSize(run.bytes, this.#maxMessageBytes);
    if (!run.begins || !run.ends) return undefined;
    this.#forget(run);
    return {
      streamId: run.streamId,
      unordered: run.unordered,
      message: run.message,
      ppid: run.ppid,
      data: join(run.parts, run.bytes),
    };
  }

  abandonUpTo(tsn: number): void {
    for (const run of this.#byFirst.values()) {
      if (!isAfter(run.first, tsn)) this.#forget(run);
    }
  }

  abandonMessages(): void {
    // Every fragment that is given up is at or below the new cumulative TSN.
  }

  resetStream(streamId: number): void {
    for (const run of this.#byFirst.values()) {
      if (run.streamId === streamId) this.#forget(run);
    }
  }

  #extend(fragment: Fragment): Run {
    const before = fragment.begin ? undefined : this.#byLast.get(previous(fragment.tsn));
    const after = fragment.end ? undefined : this.#byFirst.get(next(fragment.tsn));
    const left = before?.ends === false ? before : undefined;
    const right = after?.begins === false ? after : undefined;
    for (const run of [left, right]) {
      if (run !== undefined && !isSameMessage(run, fragment)) {
        throw new ConicError("invalid_message", "fragments of two messages share consecutive TSNs");
      }
    }
    if (left !== undefined) {
      this.#byLast.delete(left.last);
      append(left, fragment);
      if (right !== undefined) this.#merge(left, right);
      this.#byLast.set(left.last, left);
      return left;
    }
    const run = right ?? newRun(fragment);
    if (right !== undefined) {
      this.#byFirst.delete(right.first);
      right.first = fragment.tsn;
      right.begins = fragment.begin;
      right.ppid = fragment.ppid;
      right.parts.unshift(ownData(fragment.data));
      right.bytes += fragment.data.length;
    }
    this.#byFirst.set(run.first, run);
    this.#byLast.set(run.last, run);
    return run;
  }

  #merge(left: Run, right: Run): void {
    this.#byFirst.delete(right.first);
    this.#byLast.delete(right.last);
    for (const part of right.parts) left.parts.push(part);
    left.bytes += right.bytes;
    left.last = right.last;
    left.ends = right.ends;
  }

  #forget(run: Run): void {
    this.#byFirst.delete(run.first);
    this.#byLast.delete(run.last);
    this.#held -= run.bytes + run.parts.length * holdingBytes;
  }
}

function newRun(fragment: Fragment): Run {
  const { tsn, begin, end, data, streamId, unordered, message, ppid } = fragment;
  return {
    first: tsn,
    last: tsn,
    begins: begin,
    ends: end,
    parts: [ownData(data)],
    bytes: data.length,
    streamId,
    unordered,
    message,
    ppid,
  };
}

function append(run: Run, fragment: Fragment): void {
  run.last = fragment.tsn;
  run.ends = fragment.end;
  run.parts.push(ownData(fragment.data));
  run.bytes += fragment.data.length;
}

function isSameMessage(run: Run, fragment: Fragment): boolean {
  return (
    run.streamId === fragment.streamId &&
    run.unordered === fragment.unordered &&
    (run.unordered || run.message === fragment.message)
  );
}
