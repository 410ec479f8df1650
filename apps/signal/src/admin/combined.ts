import { parseClientId } from "@conic/domain";
import type { PeerInfo, RoomInfo } from "@conic/server";
import type { AdminSource, Overview, Page, PageRequest, Sample, Totals } from "./source.js";

/** What each of several processes is asked. */
export type AdminQuestion =
  | { readonly kind: "overview" }
  | { readonly kind: "samples"; readonly after: number }
  | { readonly kind: "peers" | "rooms"; readonly request: PageRequest }
  | { readonly kind: "disconnect"; readonly id: string };

/** What one of them says; of what was not asked, nothing. */
export interface AdminAnswer {
  readonly overview?: Overview;
  readonly samples?: readonly Sample[];
  readonly peers?: Page<PeerInfo>;
  readonly rooms?: Page<RoomInfo>;
  readonly disconnected?: boolean;
}

/** A sample of one process stands for the next seconds too, when its timer was late. */
const maxGapS = 2;

export async function answerTo(source: AdminSource, asked: AdminQuestion): Promise<AdminAnswer> {
  switch (asked.kind) {
    case "overview":
      return { overview: await source.overview() };
    case "samples":
      return { samples: await source.samples(asked.after) };
    case "peers":
      return { peers: await source.peers(asked.request) };
    case "rooms":
      return { rooms: await source.rooms(asked.request) };
    case "disconnect":
      return { disconnected: await source.disconnect(asked.id) };
  }
}

type Numbers = Readonly<Record<string, number>>;

/** Of each name, the sum of what all parts say. */
export function sumOf(parts: readonly Numbers[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

function sumTotals(parts: readonly Totals[]): Totals {
  const sum = (read: (totals: Totals) => number): number =>
    parts.reduce((total, part) => total + read(part), 0);
  return {
    connections: sum(({ connections }) => connections),
    messages: sum(({ messages }) => messages),
    relayed: sum(({ relayed }) => relayed),
    receivedBytes: sum(({ receivedBytes }) => receivedBytes),
    sentBytes: sum(({ sentBytes }) => sentBytes),
    kicked: sum(({ kicked }) => kicked),
    errors: sumOf(parts.map(({ errors }) => errors)),
    sessions: sumOf(parts.map(({ sessions }) => sessions)),
    authentications: sumOf(parts.map(({ authentications }) => authentications)),
    calls: sumOf(parts.map(({ calls }) => calls)),
    limits: sumOf(parts.map(({ limits }) => limits)),
  };
}

/** `parts` are not empty. */
export function sumOverviews(parts: readonly Overview[]): Overview {
  const [first] = parts;
  if (first === undefined) throw new Error("no process has answered");
  const sum = (read: (overview: Overview) => number): number =>
    parts.reduce((total, part) => total + read(part), 0);
  return {
    version: first.version,
    node: first.node,
    workers: sum(({ workers }) => workers),
    uptimeMs: Math.max(...parts.map(({ uptimeMs }) => uptimeMs)),
    ready: parts.every(({ ready }) => ready),
    connections: sum(({ connections }) => connections),
    registered: sum(({ registered }) => registered),
    away: sum(({ away }) => away),
    rooms: sum(({ rooms }) => rooms),
    totals: sumTotals(parts.map(({ totals }) => totals)),
    rates: {
      opened: sum(({ rates }) => rates.opened),
      messages: sum(({ rates }) => rates.messages),
      relayed: sum(({ rates }) => rates.relayed),
      errors: sum(({ rates }) => rates.errors),
      receivedBytes: sum(({ rates }) => rates.receivedBytes),
      sentBytes: sum(({ rates }) => rates.sentBytes),
    },
  };
}

function addSamples(a: Sample, b: Sample): Sample {
  const lagMs = Math.max(a.lagMs, b.lagMs);
  return { ...(sumOf([{ ...a }, { ...b }]) as unknown as Sample), at: a.at, lagMs };
}

/** Second by second. The last seconds, of which not every process has told yet, are left for the next time. */
export function sumSamples(parts: readonly (readonly Sample[])[], after: number): Sample[] {
  const complete = Math.min(...parts.map((samples) => samples.at(-1)?.at ?? 0));
  const seconds = new Set(parts.flatMap((samples) => samples.map(({ at }) => at)));
  const wanted = Array.from(seconds).filter((at) => at > after && at <= complete);
  const next = parts.map(() => 0);
  return wanted
    .toSorted((a, b) => a - b)
    .map((at) => {
      const present = parts.flatMap((samples, i) => {
        while ((samples[(next[i] ?? 0) + 1]?.at ?? Infinity) <= at) next[i] = (next[i] ?? 0) + 1;
        const sample = samples[next[i] ?? 0];
        return sample !== undefined && sample.at <= at && at - sample.at <= maxGapS ? [sample] : [];
      });
      const [first, ...others] = present.map((sample) => ({ ...sample, at }));
      return first === undefined ? undefined : others.reduce<Sample>(addSamples, first);
    })
    .filter((sample) => sample !== undefined);
}

/** The pages that several processes have for one request, as one page. */
export function mergePages<T>(
  parts: readonly Page<T>[],
  limit: number,
  keyOf: (item: T) => string,
): Page<T> {
  const all = parts
    .flatMap(({ items }) => items)
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const items = all.slice(0, limit);
  const last = items.at(-1);
  const more = all.length > limit || parts.some(({ next }) => next !== null);
  return {
    items,
    total: parts.reduce((sum, { total }) => sum + total, 0),
    next: more && last !== undefined ? keyOf(last) : null,
  };
}

/** All processes that share the port, as one. Those that do not answer in time are left out. */
export class CombinedSource implements AdminSource {
  readonly #ask: (question: AdminQuestion) => Promise<readonly AdminAnswer[]>;

  constructor(ask: (question: AdminQuestion) => Promise<readonly AdminAnswer[]>) {
    this.#ask = ask;
  }

  async overview(): Promise<Overview> {
    const answers = await this.#ask({ kind: "overview" });
    return sumOverviews(answers.flatMap(({ overview }) => overview ?? []));
  }

  async samples(after: number): Promise<readonly Sample[]> {
    const from = Math.max(0, after - maxGapS);
    const answers = await this.#ask({ kind: "samples", after: from });
    return sumSamples(
      answers.flatMap(({ samples }) => (samples === undefined ? [] : [samples])),
      after,
    );
  }

  async peers(request: PageRequest): Promise<Page<PeerInfo>> {
    const answers = await this.#ask({ kind: "peers", request });
    const pages = answers.flatMap(({ peers }) => peers ?? []);
    return mergePages(pages, request.limit, ({ id }) => id);
  }

  async rooms(request: PageRequest): Promise<Page<RoomInfo>> {
    const answers = await this.#ask({ kind: "rooms", request });
    const pages = answers.flatMap(({ rooms }) => rooms ?? []);
    return mergePages(pages, request.limit, ({ name }) => name);
  }

  async disconnect(id: string): Promise<boolean> {
    const answers = await this.#ask({ kind: "disconnect", id: parseClientId(id) });
    return answers.some(({ disconnected }) => disconnected === true);
  }

  /** Each process ends its own. */
  [Symbol.dispose](): void {}
}
