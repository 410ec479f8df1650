import { ConicError, deferred, Frame, type Deferred } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Handlers } from "../../src/index.js";
import { thrownBy } from "../v1/helpers.js";
import { candidateFrame, harness, type Harness } from "./helpers.js";

/** A session whose messages finish when the test says so. */
function blocked(options: Parameters<typeof harness>[1] = {}) {
  const started: string[] = [];
  const gates: Deferred<void>[] = [];
  const made: Harness = harness(
    {
      candidate: ({ message }) => {
        started.push(message.id ?? "");
        const gate = deferred<void>();
        gates.push(gate);
        return gate.promise;
      },
    },
    options,
  );
  const finish = async (): Promise<void> => {
    for (let gate = gates.shift(); gate !== undefined; gate = gates.shift()) {
      gate.resolve();
      // Until the next message has started, if there is one.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
    await made.session.idle();
  };
  return { ...made, started, finish };
}

describe("the messages of one connection (rule 4)", () => {
  it("are handled one at a time and in order, however long each takes", async () => {
    const plan = fc.array(
      fc.record({
        turns: fc.nat({ max: 5 }),
        kind: fc.constantFrom("sync", "async", "throws", "rejects", "broken"),
        pause: fc.nat({ max: 3 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const done: string[] = [];
        let running = 0;
        const finish = (id: string, kind?: string): void => {
          running -= 1;
          done.push(id);
          if (kind === "throws" || kind === "rejects") throw new ConicError("forbidden", "no");
        };
        const candidate: Handlers<string>["candidate"] = ({ message }) => {
          const id = message.id ?? "";
          const step = steps[Number(id)];
          running += 1;
          expect(running).toBe(1);
          if (step?.kind === "sync" || step?.kind === "throws") {
            finish(id, step.kind);
            return undefined;
          }
          return (async () => {
            for (let turn = 0; turn < (step?.turns ?? 0); turn += 1) await Promise.resolve();
            finish(id, step?.kind);
          })();
        };
        const { session, replies } = harness({ candidate });
        for (const [i, { kind, pause }] of steps.entries()) {
          void session.route(kind === "broken" ? Frame.fromText("{") : candidateFrame(String(i)));
          for (let turn = 0; turn < pause; turn += 1) await Promise.resolve();
        }
        await session.idle();
        const handled = [...steps.keys()].filter((i) => steps[i]?.kind !== "broken").map(String);
        expect(done).toStrictEqual(handled);
        const failed = steps.filter(({ kind }) => !["sync", "async"].includes(kind));
        expect(replies).toHaveLength(failed.length);
      }),
      { numRuns: 300 },
    );
  });

  it("are independent of those of another session", async () => {
    const one = blocked();
    const other = blocked();
    void one.session.route(candidateFrame("1"));
    void other.session.route(candidateFrame("2"));
    expect(other.started).toStrictEqual(["2"]);
    await Promise.all([one.finish(), other.finish()]);
  });

  it("wait for the handler that routes the next one itself", async () => {
    const seen: string[] = [];
    const made: Harness = harness({
      candidate: ({ message }) => {
        seen.push(`start ${message.id}`);
        if (message.id === "1") void made.session.route(candidateFrame("2"));
        seen.push(`end ${message.id}`);
      },
    });
    await made.session.route(candidateFrame("1"));
    expect(seen).toStrictEqual(["start 1", "end 1", "start 2", "end 2"]);
  });

  it("are all handled when the promise of one resolves", async () => {
    const { session, started, finish } = blocked();
    const first = session.route(candidateFrame("1"));
    const second = session.route(candidateFrame("2"));
    expect(started).toStrictEqual(["1"]);
    await finish();
    await Promise.all([first, second]);
    expect(started).toStrictEqual(["1", "2"]);
    expect(session.idle()).toBeInstanceOf(Promise);
  });
});

describe("the messages that wait", () => {
  it("are as many as maxPendingMessages; one more is refused, and the order of the rest stays", async () => {
    const { session, started, events, finish } = blocked({ maxPendingMessages: 2 });
    for (const id of ["0", "1", "2"]) void session.route(candidateFrame(id));
    expect(events).toStrictEqual([]);
    void session.route(candidateFrame("3"));
    expect(events).toStrictEqual(["reply rate_limited 3"]);
    await finish();
    expect(started).toStrictEqual(["0", "1", "2"]);
    void session.route(candidateFrame("4"));
    await finish();
    expect(started).toStrictEqual(["0", "1", "2", "4"]);
  });

  it("have at most maxPendingBytes; one more byte is refused", async () => {
    const size = candidateFrame("0").byteLength;
    const { session, events, started, finish } = blocked({ maxPendingBytes: 2 * size });
    for (const id of ["0", "1", "2"]) void session.route(candidateFrame(id));
    expect(events).toStrictEqual([]);
    await finish();
    void session.route(candidateFrame("3"));
    void session.route(candidateFrame("4"));
    void session.route(candidateFrame("5", "x"));
    expect(events).toStrictEqual(["reply rate_limited 5"]);
    await finish();
    expect(started).toStrictEqual(["0", "1", "2", "3", "4"]);
  });

  it("are 64 by default", async () => {
    const { session, events, finish } = blocked();
    for (let i = 0; i <= 64; i += 1) void session.route(candidateFrame(String(i)));
    expect(events).toStrictEqual([]);
    void session.route(candidateFrame("65"));
    expect(events).toStrictEqual(["reply rate_limited 65"]);
    await finish();
  });

  it("say what is wrong with the refused one, when it is no message either", async () => {
    const { session, events, finish } = blocked({ maxPendingMessages: 0 });
    void session.route(candidateFrame("0"));
    void session.route(Frame.fromText("not json"));
    expect(events).toStrictEqual(["reply invalid_message -"]);
    await finish();
  });

  it("are dropped when an earlier one ends the connection", async () => {
    const seen: string[] = [];
    const { session, events } = harness({
      candidate: async ({ message }) => {
        seen.push(message.id ?? "");
        await Promise.resolve();
        throw new ConicError("unauthorized", "no");
      },
    });
    void session.route(candidateFrame("1"));
    await session.route(candidateFrame("2"));
    expect(session.route(candidateFrame("3"))).toBeUndefined();
    expect(seen).toStrictEqual(["1"]);
    expect(events).toStrictEqual(["reply unauthorized 1", "close 4501"]);
  });
});

describe("a session that ended", () => {
  it("takes no more frames, not even while its last handler runs", async () => {
    const seen: string[] = [];
    const gate = deferred<void>();
    const made: Harness = harness(
      {
        candidate: async ({ message }) => {
          seen.push(message.id ?? "");
          if (message.id === "1") throw new ConicError("shutting_down", "no");
          await gate.promise;
        },
      },
      {
        maxPendingMessages: 1,
        close: () => {
          for (const id of ["2", "3", "4"]) void made.session.route(candidateFrame(id));
        },
      },
    );
    await made.session.route(candidateFrame("1"));
    gate.resolve();
    await made.session.idle();
    expect(seen).toStrictEqual(["1"]);
    expect(made.events).toStrictEqual(["reply shutting_down 1"]);
  });
});

describe("idle", () => {
  it("resolves at once when nothing is pending", async () => {
    await expect(harness({}).session.idle()).resolves.toBeUndefined();
  });

  it("rejects when its signal fires, and leaves the messages pending", async () => {
    const { session, started, finish } = blocked();
    void session.route(candidateFrame("1"));
    void session.route(candidateFrame("2"));
    const controller = new AbortController();
    const idle = session.idle({ signal: controller.signal });
    controller.abort();
    const error: unknown = await idle.catch((reason: unknown) => reason);
    expect(
      thrownBy(() => {
        throw error;
      }).code,
    ).toBe("aborted");
    await finish();
    expect(started).toStrictEqual(["1", "2"]);
  });
});
