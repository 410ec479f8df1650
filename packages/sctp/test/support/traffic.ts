import type { ConicError } from "@conic/domain";
import type { ChannelInit, SctpChannel } from "../../src/channels/types.js";
import type { Peer } from "./peers.js";

const headerBytes = 12;
const patternBytes = 8 * 1024 * 1024;
let pattern: Buffer | undefined;

function patternFrom(offset: number, length: number): Buffer {
  if (pattern === undefined) {
    pattern = Buffer.alloc(patternBytes);
    let state = 1;
    for (let at = 0; at < patternBytes; at += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      pattern[at] = state >>> 24;
    }
  }
  const start = (offset * 7919) % (patternBytes - length);
  return pattern.subarray(start, start + length);
}

/** Messages of one direction of one channel: which bytes the n-th has follows from `key` and n. */
export interface Flow {
  /** Unlike that of every other flow. */
  readonly key: number;
  readonly init: ChannelInit;
  readonly sizes: readonly number[];
  /** Messages are text of about that size, not bytes. */
  readonly text: boolean;
}

/** Below this a message cannot say which one it is: only ordered reliable flows may have such. */
export const smallestNumbered: number = headerBytes;

export function messageOf({ key, sizes, text }: Flow, index: number): string | Uint8Array {
  const size = sizes[index] ?? 0;
  if (text) {
    const start = `${key}:${index}:`;
    return size === 0 ? "" : start + "é日𝒳 x".repeat(Math.ceil(size / 12));
  }
  if (size < headerBytes) return patternFrom(key * 131 + index, size);
  const bytes = Buffer.from(patternFrom(key * 131 + index, size));
  bytes.writeUInt32BE(key, 0);
  bytes.writeUInt32BE(index, 4);
  bytes.writeUInt32BE(size, 8);
  return bytes;
}

function isReliable({ init }: Flow): boolean {
  return init.maxRetransmits === undefined && init.maxPacketLifeTimeMs === undefined;
}

/** Checks what arrives of a flow, message by message. */
export class Arrivals {
  readonly flow: Flow;
  readonly seen: Set<number> = new Set();
  closed = false;
  error: ConicError | undefined;
  #last = -1;

  constructor(flow: Flow) {
    this.flow = flow;
  }

  /** Everything was delivered. */
  get isComplete(): boolean {
    return this.seen.size === this.flow.sizes.length;
  }

  take(data: string | Uint8Array): void {
    const { flow } = this;
    const where = `flow ${flow.key}`;
    if (this.closed) throw new Error(`${where}: a message after the channel closed`);
    const ordered = flow.init.ordered !== false;
    const index = ordered && isReliable(flow) ? this.#last + 1 : numberOf(data);
    if (index >= flow.sizes.length) throw new Error(`${where}: message ${index} was never sent`);
    if (this.seen.has(index)) throw new Error(`${where}: message ${index} came twice`);
    if (ordered && index <= this.#last) {
      throw new Error(`${where}: message ${index} came after ${this.#last}`);
    }
    if (!isSame(data, messageOf(flow, index))) {
      throw new Error(`${where}: message ${index} is not what was sent (${data.length})`);
    }
    this.seen.add(index);
    this.#last = Math.max(this.#last, index);
  }

  /** Throws unless what has to be here is. */
  check(): void {
    const { key, sizes } = this.flow;
    if (isReliable(this.flow) && !this.isComplete) {
      throw new Error(`flow ${key}: ${this.seen.size} of ${sizes.length} messages arrived`);
    }
  }
}

function numberOf(data: string | Uint8Array): number {
  if (typeof data === "string") return Number(data.split(":", 2)[1] ?? Number.NaN);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).readUInt32BE(4);
}

function isSame(a: string | Uint8Array, b: string | Uint8Array): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return Buffer.compare(a, b) === 0;
}

/** Sends a flow over a channel, at most so many bytes ahead of the wire. */
export class Departures {
  readonly flow: Flow;
  readonly channel: SctpChannel;
  readonly #aheadBytes: number;
  #next = 0;
  closed = false;

  constructor(flow: Flow, channel: SctpChannel, aheadBytes: number = Number.POSITIVE_INFINITY) {
    this.flow = flow;
    this.channel = channel;
    this.#aheadBytes = aheadBytes;
  }

  get isSent(): boolean {
    return this.#next === this.flow.sizes.length;
  }

  pump(now: number): void {
    const { channel, flow } = this;
    while (!this.isSent && channel.state === "open") {
      if (channel.bufferedAmount > this.#aheadBytes) return;
      channel.send(messageOf(flow, this.#next), now);
      this.#next += 1;
    }
  }
}

/** What a peer receives, by the label of the channel, which is the key of the flow. */
export function expectFlows(peer: Peer, flows: readonly Flow[]): ReadonlyMap<number, Arrivals> {
  const arrivals = new Map(flows.map((flow) => [flow.key, new Arrivals(flow)]));
  peer.onChannel = (channel) => {
    const flow = arrivals.get(Number(channel.init.label));
    if (flow === undefined) throw new Error(`nobody opened a channel "${channel.init.label}"`);
    receive(channel, flow);
  };
  return arrivals;
}

export function receive(channel: SctpChannel, arrivals: Arrivals): void {
  channel.bind({
    open: () => {},
    message: (data) => arrivals.take(data),
    drained: () => {},
    closed: (error) => {
      arrivals.closed = true;
      arrivals.error = error;
    },
  });
}
