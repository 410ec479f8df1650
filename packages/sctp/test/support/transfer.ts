import type { ChannelInit } from "../../src/channels/types.js";
import type { Random } from "../link/random.js";
import { connectedPair, type Pair, type PairOptions, type Peer } from "./peers.js";
import { Departures, expectFlows, smallestNumbered, type Arrivals, type Flow } from "./traffic.js";

const afterglowMs = 20_000;

export interface Transfer extends Pair {
  readonly departures: readonly Departures[];
  /** By the key of the flow. */
  readonly arrivals: ReadonlyMap<number, Arrivals>;
  /** Largest sum of `bufferedAmount` that was seen. */
  readonly largestBuffered: number;
  readonly startedAt: number;
  /** When everything was acknowledged, or given up. */
  readonly endedAt: number;
}

export interface TransferOptions extends PairOptions {
  readonly fromA?: readonly Flow[];
  readonly fromB?: readonly Flow[];
  /** Virtual time within which all has to be done. */
  readonly withinMs: number;
  /** Bytes that a sender queues ahead of the wire on each channel. Default all at once. */
  readonly aheadBytes?: number;
}

/** Runs flows to their end over a link, and checks what arrives as it arrives. */
export function transfer(options: TransferOptions): Transfer {
  const made = connectedPair(options);
  const { link, a, b } = made;
  const { fromA = [], fromB = [], aheadBytes } = options;
  const arrivals = new Map([...expectFlows(b, fromA), ...expectFlows(a, fromB)]);
  const departures = [
    ...fromA.map((flow) => depart(a, flow, link.now, aheadBytes)),
    ...fromB.map((flow) => depart(b, flow, link.now, aheadBytes)),
  ];
  const startedAt = link.now;
  let largestBuffered = 0;
  const done = (): boolean => {
    if (a.state !== "connected" || b.state !== "connected") {
      throw new Error(stuck(made, departures, arrivals));
    }
    let buffered = 0;
    let settled = true;
    for (const departure of departures) {
      if (!departure.isSent) departure.pump(link.now);
      buffered += departure.channel.bufferedAmount;
      if (!departure.isSent || !departure.channel.isFlushed) settled = false;
    }
    largestBuffered = Math.max(largestBuffered, buffered);
    return settled;
  };
  if (!link.run(done, options.withinMs)) throw new Error(stuck(made, departures, arrivals));
  const endedAt = link.now;
  // What was given up last is flushed here before the remote knows that it need not wait for it.
  link.runFor(afterglowMs);
  for (const flow of arrivals.values()) flow.check();
  return { ...made, departures, arrivals, largestBuffered, startedAt, endedAt };
}

function depart(peer: Peer, flow: Flow, now: number, aheadBytes: number | undefined): Departures {
  const channel = peer.channels.open({ ...flow.init, label: String(flow.key) }, now);
  channel.bind({ open: () => {}, message: () => {}, drained: () => {}, closed: () => {} });
  const departures = new Departures(flow, channel, aheadBytes);
  departures.pump(now);
  return departures;
}

/** What there is to say about a transfer that does not end. */
function stuck(
  { link, a, b }: Pair,
  departures: readonly Departures[],
  arrivals: ReadonlyMap<number, Arrivals>,
): string {
  const flows = departures.map(({ flow, channel, isSent }) => {
    const seen = arrivals.get(flow.key)?.seen.size ?? 0;
    return `flow ${flow.key}: ${seen} of ${flow.sizes.length} arrived, sent ${isSent}, ${channel.state}, buffered ${channel.bufferedAmount}, flushed ${channel.isFlushed}`;
  });
  return [`not done at ${link.now} ms`, ...flows, shown(a), shown(b)].join("\n  ");
}

function shown({ side, state, error, channels }: Peer): string {
  const stats = JSON.stringify(channels.association.stats());
  return `${side}: ${state} ${error?.message ?? ""} next ${channels.nextTimeout()} ${stats}`;
}

/** Sizes of messages: mostly small, some of several packets, few large. */
export function randomSizes(
  random: Random,
  count: number,
  largest: number,
  from: number,
): number[] {
  return Array.from({ length: count }, () => {
    const kind = random.below(10);
    if (kind < 5) return Math.max(from, random.below(Math.min(largest, 200)));
    if (kind < 9) return Math.max(from, random.below(Math.min(largest, 6000)));
    return Math.max(from, random.below(largest));
  });
}

export interface FlowLimits {
  readonly messages: number;
  readonly largestBytes: number;
  /** Default true. */
  readonly partial?: boolean;
}

/** Flows of all kinds; the first is ordered and reliable. */
export function randomFlows(
  random: Random,
  count: number,
  firstKey: number,
  limits: FlowLimits,
): Flow[] {
  return Array.from({ length: count }, (_, index) => {
    const init: ChannelInit = {
      label: "",
      ordered: index === 0 || random.chance(0.5),
      priority: random.pick([128, 256, 512, 1024]),
      ...(index === 0 || limits.partial === false ? {} : randomReliability(random)),
    };
    const text = random.chance(0.3);
    const numbered = init.ordered === false || isPartial(init);
    const from = numbered ? smallestNumbered : 0;
    const messages = 1 + random.below(limits.messages);
    return {
      key: firstKey + index,
      init,
      sizes: randomSizes(random, messages, limits.largestBytes, from),
      text,
    };
  });
}

function isPartial({ maxRetransmits, maxPacketLifeTimeMs }: ChannelInit): boolean {
  return maxRetransmits !== undefined || maxPacketLifeTimeMs !== undefined;
}

function randomReliability(random: Random): Partial<ChannelInit> {
  const kind = random.below(4);
  if (kind === 0) return { maxRetransmits: random.below(4) };
  if (kind === 1) return { maxPacketLifeTimeMs: random.below(500) };
  return {};
}
