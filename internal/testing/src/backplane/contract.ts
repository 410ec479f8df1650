import { describe, expect, it } from "vitest";
import { ConicError, type Backplane, type NodeId } from "@conic/domain";
import { watchLeaks } from "../leaks.js";
import { Recorder, codeOf } from "./recorder.js";

/** Nodes that are to find each other. */
export interface BackplaneGroup {
  /** Makes the backplane of node `index`, or, after `kill`, that of its next life. */
  join(index: number): Promise<Backplane>;
  /** Ends a node without a goodbye, as a crash does. */
  kill(index: number): Promise<void>;
  /** Frees everything. */
  dispose(): Promise<void>;
}

export interface BackplaneCapabilities {
  /** Of three nodes with these limits. */
  readonly makeGroup: (limits: {
    readonly maxMessageBytes: number;
    readonly maxQueuedBytes: number;
  }) => Promise<BackplaneGroup>;
}

const limits = { maxMessageBytes: 65_536, maxQueuedBytes: 4 * 1_048_576 };

interface Pair {
  readonly group: BackplaneGroup;
  readonly a: Backplane;
  readonly b: Backplane;
  readonly atA: Recorder;
  readonly atB: Recorder;
}

async function withPair(
  { makeGroup }: BackplaneCapabilities,
  body: (pair: Pair) => Promise<void>,
): Promise<void> {
  const checkLeaks = watchLeaks();
  const group = await makeGroup(limits);
  try {
    const a = await group.join(0);
    const b = await group.join(1);
    const pair = { group, a, b, atA: new Recorder(), atB: new Recorder() };
    a.listen(pair.atA);
    b.listen(pair.atB);
    await Promise.all([pair.atA.sawUp(b.self), pair.atB.sawUp(a.self)]);
    await body(pair);
  } finally {
    await group.dispose();
  }
  await checkLeaks();
}

const numbered = (number: number, bytes = 4): Uint8Array => {
  const message = new Uint8Array(bytes);
  new DataView(message.buffer).setUint32(0, number);
  return message;
};

function numbersOf(recorder: Recorder, from: NodeId): number[] {
  return recorder.from(from).map((message) => {
    return new DataView(message.buffer, message.byteOffset).getUint32(0);
  });
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function describeLinks(capabilities: BackplaneCapabilities): void {
  it("names itself and all members, the same on each", async () => {
    await withPair(capabilities, ({ a, b }) => {
      expect(a.nodes).toEqual(b.nodes);
      expect(a.nodes).toHaveLength(3);
      expect([a.self, b.self]).toEqual([a.nodes[0], a.nodes[1]]);
      expect([a.isUp(b.self), a.isUp(a.self), a.isUp(a.nodes[2] ?? "")]).toEqual([
        true,
        false,
        false,
      ]);
      return Promise.resolve();
    });
  });

  it("keeps what was sent before the other end listens", async () => {
    await withPair(capabilities, async ({ group, a, atA }) => {
      const c = await group.join(2);
      await atA.sawUp(c.self);
      a.send(c.self, numbered(7));
      const atC = new Recorder();
      c.listen(atC);
      await atC.received(a.self, 1);
      expect(numbersOf(atC, a.self)).toEqual([7]);
      expect(atC.events[0]).toMatch(/^up /);
    });
  });

  it("is listened to once", async () => {
    await withPair(capabilities, async ({ a }) => {
      expect(
        await codeOf(() => {
          a.listen(new Recorder());
        }),
      ).toBe("invalid_state");
    });
  });

  it("tells when a node dies, and when it is back; nothing of its first life comes then", async () => {
    await withPair(capabilities, async ({ group, a, b, atA }) => {
      await group.kill(1);
      await atA.sawDown(b.self);
      expect(a.isUp(b.self)).toBe(false);
      expect(await codeOf(() => a.send(b.self, numbered(0)))).toBe("unreachable");
      const again = await group.join(1);
      const atAgain = new Recorder();
      again.listen(atAgain);
      await atA.sawUp(b.self, 2);
      a.send(b.self, numbered(1));
      again.send(a.self, numbered(2));
      await Promise.all([atAgain.received(a.self, 1), atA.received(b.self, 1)]);
      expect([numbersOf(atAgain, a.self), numbersOf(atA, b.self)]).toEqual([[1], [2]]);
      expect(atA.events).toEqual([`up ${b.self}`, `down ${b.self}`, `up ${b.self}`]);
    });
  });

  it("makes a link anew that was reset, and tells both ends", async () => {
    await withPair(capabilities, async ({ a, b, atA, atB }) => {
      a.reset(b.self, new ConicError("internal", "the test wants it so"));
      await Promise.all([atA.sawDown(b.self), atB.sawDown(a.self)]);
      await Promise.all([atA.sawUp(b.self, 2), atB.sawUp(a.self, 2)]);
      a.send(b.self, numbered(1));
      await atB.received(a.self, 1);
      expect(atB.events).toEqual([`up ${a.self}`, `down ${a.self}`, `up ${a.self}`]);
    });
  });

  it("ends the link of a message that its handler throws on, and nothing else", async () => {
    await withPair(capabilities, async ({ group, a, b, atA, atB }) => {
      const c = await group.join(2);
      const atC = new Recorder();
      c.listen(atC);
      await Promise.all([atB.sawUp(c.self), atC.sawUp(b.self)]);
      atB.throwOn(a.self);
      a.send(b.self, numbered(1));
      await Promise.all([atA.sawDown(b.self), atB.sawDown(a.self)]);
      c.send(b.self, numbered(2));
      await atB.received(c.self, 1);
      expect(atB.events).not.toContain(`down ${c.self}`);
      await Promise.all([atA.sawUp(b.self, 2), atB.sawUp(a.self, 2)]);
    });
  });

  it("sends what is queued before it leaves, and may leave twice", async () => {
    await withPair(capabilities, async ({ a, b, atB }) => {
      for (const number of upTo(100)) a.send(b.self, numbered(number));
      await a.close();
      await a.close();
      await atB.sawDown(a.self);
      expect(numbersOf(atB, a.self)).toEqual(upTo(100));
      expect(await codeOf(() => a.send(b.self, numbered(0)))).toBe("unreachable");
    });
  });
}

function describeMessages(capabilities: BackplaneCapabilities): void {
  it("carries 5 000 messages of mixed sizes each way, each once and in order", async () => {
    await withPair(capabilities, async ({ a, b, atA, atB }) => {
      const count = 5000;
      for (const number of upTo(count)) {
        a.send(b.self, numbered(number, 4 + ((number * 37) % 500)));
        b.send(a.self, numbered(number, 4 + ((number * 53) % 500)));
      }
      await Promise.all([atA.received(b.self, count), atB.received(a.self, count)]);
      expect(numbersOf(atA, b.self)).toEqual(upTo(count));
      expect(numbersOf(atB, a.self)).toEqual(upTo(count));
      const sizes = atB.from(a.self).map(({ byteLength }) => byteLength);
      expect(sizes).toEqual(upTo(count).map((number) => 4 + ((number * 37) % 500)));
    });
  });

  it("never calls a handler from within send", async () => {
    await withPair(capabilities, async ({ a, b, atB }) => {
      a.send(b.self, numbered(0));
      expect(atB.from(a.self)).toEqual([]);
      await atB.received(a.self, 1);
    });
  });

  it("takes an empty message and one of maxMessageBytes, and refuses one byte more", async () => {
    await withPair(capabilities, async ({ a, b, atB }) => {
      a.send(b.self, new Uint8Array(0));
      a.send(b.self, new Uint8Array(a.maxMessageBytes));
      const tooLarge = new Uint8Array(a.maxMessageBytes + 1);
      expect(await codeOf(() => a.send(b.self, tooLarge))).toBe("too_large");
      await atB.received(a.self, 2);
      const sizes = atB.from(a.self).map(({ byteLength }) => byteLength);
      expect(sizes).toEqual([0, a.maxMessageBytes]);
    });
  });

  it("ends the link to a node that does not read, at its limit, and not before", async () => {
    await withPair(capabilities, async ({ group, a, atA }) => {
      // It is there, and reads nothing: nobody listens.
      const c = await group.join(2);
      await atA.sawUp(c.self);
      const message = new Uint8Array(limits.maxMessageBytes);
      let sent = 0;
      let code: string = "none";
      while (code === "none" && sent < 10_000) {
        code = await codeOf(() => a.send(c.self, message));
        sent += 1;
      }
      expect(code).toBe("buffer_full");
      expect(sent - 1).toBeGreaterThanOrEqual(limits.maxQueuedBytes / limits.maxMessageBytes - 1);
      await atA.sawDown(c.self);
    });
  });
}

/** The contract of `Backplane`, as tests: every implementation runs it. */
export function describeBackplaneContract(name: string, capabilities: BackplaneCapabilities): void {
  describe(`backplane contract: ${name}`, () => {
    describeLinks(capabilities);
    describeMessages(capabilities);
  });
}
