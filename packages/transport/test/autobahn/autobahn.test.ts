import { watchLeaks } from "@conic/internal-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve, type TestServer } from "../support/server.js";
import { normal, type Case } from "./case.js";
import { closing } from "./cases/closing.js";
import { pings, reservedBits, reservedOpcodes } from "./cases/control.js";
import { fragmentation } from "./cases/fragmentation.js";
import { framing } from "./cases/framing.js";
import { compression, limits } from "./cases/limits.js";
import { utf8 } from "./cases/utf8.js";
import { FrameReader, runCase, type Outcome, type Segmentation } from "./client.js";

const plain: readonly Case[] = [
  ...framing,
  ...pings,
  ...reservedBits,
  ...reservedOpcodes,
  ...fragmentation,
  ...utf8,
  ...closing,
  ...limits,
];
const cases: readonly Case[] = [...plain, ...compression];
const ways: readonly Segmentation[] = ["as listed", "octet by octet"];

/** Cases under way at once. */
const lanes = 32;

/** Runs all of them, some at a time; a case that breaks off has its error for an outcome. */
async function runAll(port: number, way: Segmentation): Promise<Map<string, Outcome | Error>> {
  const outcomes = new Map<string, Outcome | Error>();
  const left = cases.values();
  const lane = async (): Promise<void> => {
    for (const one of left) {
      const outcome = await runCase(port, one, way).catch((error: unknown) => error as Error);
      outcomes.set(one.id, outcome);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return outcomes;
}

describe("S11 S25 the case list of the Autobahn suite, against an endpoint that echoes", () => {
  const outcomes = new Map<Segmentation, Map<string, Outcome | Error>>();
  const echoing: Promise<void>[] = [];
  let checkLeaks: () => Promise<void>;
  let server: TestServer;

  beforeAll(async () => {
    checkLeaks = watchLeaks();
    server = await serve({
      // The cases are sent one octet at a time, on a machine that may be busy: that takes its time.
      limits: { closeTimeoutMs: 60_000 },
      onConnection: (connection) => {
        const echo = async (): Promise<void> => {
          for await (const frame of connection) {
            if (connection.readyState === "open") connection.send(frame);
          }
        };
        echoing.push(echo());
      },
    });
    for (const way of ways) outcomes.set(way, await runAll(server.port, way));
  }, 120_000);

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await Promise.all(echoing);
    await checkLeaks();
  });

  describe.each(ways)("%s", (way) => {
    it.each(cases.map((one) => [one.id, one.what, one] as const))("%s %s", (id, _what, one) => {
      const outcome = outcomes.get(way)?.get(id);
      if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error("not run");
      const closed = one.expect.some(([kind]) => kind === "close");
      expect(outcome.heard).toEqual(closed ? one.expect : [...one.expect, normal]);
      expect(outcome.extensions).toBe("");
      expect(outcome.ended).toBe(true);
    });
  });

  it("has every case but those of compression once, and says why one is not as in the suite", () => {
    const numbers = new Set(cases.map(({ id }) => id));
    expect(numbers.size).toBe(cases.length);
    // 517 of the suite, of which 216 are sizes of compressed messages.
    expect(plain).toHaveLength(301);
    const refusals = new Set([1003, 1008, 1009]);
    const other = cases.filter(({ expect: heard }) =>
      heard.some(([kind, code]) => kind === "close" && refusals.has(code)),
    );
    const silent = other.filter(({ id, adapted }) => adapted === undefined && !id.startsWith("7."));
    expect(silent).toEqual([]);
  });

  it("leaves no connection behind", async () => {
    await expect.poll(() => server.acceptor.connectionCount).toBe(0);
  });
});

describe("the client that runs the cases", () => {
  it.each([
    ["a masked frame", "masks", [0x81, 0x81, 1, 2, 3, 4, 5]],
    ["a reserved bit", "reserved", [0xc1, 0]],
    ["a length in two octets that fits in one", "length", [0x81, 126, 0, 1, 0x61]],
    ["a fragment", "fragment", [0x01, 0]],
    ["a ping, which nobody asked for", "opcode", [0x89, 0]],
  ])("fails on %s", (_name, why, octets) => {
    expect(() => new FrameReader().read(Buffer.from(octets))).toThrow(why);
  });
});
