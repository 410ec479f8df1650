import { describe, expect, it } from "vitest";
import {
  answerTo,
  CombinedSource,
  sumOverviews,
  sumSamples,
  type AdminAnswer,
} from "../../src/admin/combined.js";
import type { AdminSource, Overview, Sample } from "../../src/admin/source.js";
import { LocalSource } from "../../src/admin/local.js";
import { Tally } from "../../src/metrics/tally.js";
import { createSignalingServer, type PeerInfo, type RoomInfo } from "@conic/server";
import { failOnLeaks } from "@conic/internal-testing";
import { peer } from "./support.js";

failOnLeaks();

function sample(at: number, more: Partial<Sample> = {}): Sample {
  return {
    at,
    connections: 1,
    registered: 1,
    away: 0,
    rooms: 0,
    opened: 0,
    messages: 10,
    relayed: 0,
    errors: 0,
    receivedBytes: 0,
    sentBytes: 0,
    lagMs: 1,
    rssBytes: 100,
    heapBytes: 0,
    cpu: 0.5,
    callsDirect: 0,
    callsRelayed: 0,
    callsFailed: 0,
    ...more,
  };
}

/** Each process has these peers and rooms. */
async function processes<T>(
  all: readonly { peers?: readonly PeerInfo[]; rooms?: readonly RoomInfo[] }[],
  use: (source: AdminSource, kicked: string[]) => Promise<T>,
): Promise<T> {
  const kicked: string[] = [];
  const locals = all.map(({ peers = [], rooms = [] }) => {
    const signaling = createSignalingServer();
    return new LocalSource({
      signaling: {
        stats: () => signaling.stats(),
        peers: () => peers,
        rooms: () => rooms,
        disconnect: (id) => {
          const found = peers.some((one) => one.id === id);
          if (found) kicked.push(id);
          return found;
        },
      },
      tally: new Tally(() => undefined),
      ready: () => true,
      version: "1",
    });
  });
  const combined = new CombinedSource((question) =>
    // As between processes: nothing but JSON gets through.
    Promise.all(locals.map((local) => answerTo(local, question))).then(
      (answers) => JSON.parse(JSON.stringify(answers)) as AdminAnswer[],
    ),
  );
  try {
    return await use(combined, kicked);
  } finally {
    for (const local of locals) local[Symbol.dispose]();
  }
}

describe("samples of several processes", () => {
  it("are added up by second; of lags, the longest counts", () => {
    const sums = sumSamples(
      [
        [sample(1), sample(2, { lagMs: 9 })],
        [sample(1), sample(2)],
      ],
      0,
    );
    expect(sums).toMatchObject([
      { at: 1, connections: 2, messages: 20, rssBytes: 200, cpu: 1, lagMs: 1 },
      { at: 2, connections: 2, lagMs: 9 },
    ]);
  });

  it("wait for the process that is behind: no second is told by half", () => {
    const parts = [
      [sample(1), sample(2), sample(3)],
      [sample(1), sample(2)],
    ];
    expect(sumSamples(parts, 0).map(({ at }) => at)).toEqual([1, 2]);
    expect(sumSamples(parts, 2)).toEqual([]);
    expect(sumSamples([[sample(1)], []], 0)).toEqual([]);
  });

  it("stand for a second or two that a late timer left out, and no more", () => {
    const parts = [[1, 2, 3, 4, 5, 6].map((at) => sample(at)), [sample(1), sample(3), sample(6)]];
    expect(sumSamples(parts, 0).map(({ connections }) => connections)).toEqual([2, 2, 2, 2, 2, 2]);
    const gone = [parts[0] ?? [], [sample(1), sample(6)]];
    expect(sumSamples(gone, 0).map(({ connections }) => connections)).toEqual([2, 2, 2, 1, 1, 2]);
  });

  it("of a process that is new begin when it does", () => {
    const sums = sumSamples([[sample(1), sample(2)], [sample(2)]], 0);
    expect(sums.map(({ connections }) => connections)).toEqual([1, 2]);
  });
});

describe("an overview of several processes", () => {
  it("adds up what there is and was", async () => {
    const one: Overview = await processes([{}, {}], async (source) => {
      const overview = await source.overview();
      expect(overview).toMatchObject({ workers: 2, version: "1", ready: true, connections: 0 });
      return overview;
    });
    const busy = {
      ...one,
      ready: false,
      connections: 3,
      uptimeMs: 99_999,
      totals: { ...one.totals, kicked: 1, errors: { forbidden: 2 } },
      rates: { ...one.rates, messages: 5 },
    };
    expect(sumOverviews([busy, { ...busy, ready: true, uptimeMs: 1 }])).toMatchObject({
      workers: 4,
      ready: false,
      connections: 6,
      uptimeMs: 99_999,
      totals: { kicked: 2, errors: { forbidden: 4 } },
      rates: { messages: 10 },
    });
  });
});

describe("peers and rooms of several processes", () => {
  const all = [
    { peers: ["a", "c", "e"].map((id) => peer(id)), rooms: [{ name: "y", members: 2 }] },
    { peers: ["b", "d"].map((id) => peer(id)), rooms: [{ name: "x", members: 1 }] },
    {},
  ];

  it("are one list, page by page", async () => {
    await processes(all, async (source) => {
      const pages: string[][] = [];
      let after: string | null = "";
      while (after !== null) {
        const page: Awaited<ReturnType<AdminSource["peers"]>> = await source.peers({
          query: "",
          limit: 2,
          after,
        });
        expect(page.total).toBe(5);
        pages.push(page.items.map(({ id }) => id));
        after = page.next;
      }
      expect(pages).toEqual([["a", "b"], ["c", "d"], ["e"]]);
      const rooms = await source.rooms({ query: "", limit: 50, after: "" });
      expect(rooms).toMatchObject({ items: [{ name: "x" }, { name: "y" }], total: 2, next: null });
    });
  });

  it("are ended wherever they are", async () => {
    await processes(all, async (source, kicked) => {
      expect([await source.disconnect("d"), await source.disconnect("nobody")]).toEqual([
        true,
        false,
      ]);
      expect(kicked).toEqual(["d"]);
      await expect(source.disconnect("no id")).rejects.toMatchObject({ code: "invalid_id" });
    });
  });
});
