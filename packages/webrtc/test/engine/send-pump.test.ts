import { describe, expect, it } from "vitest";
import {
  outboundMessage,
  SendPump,
  type OutboundMessage,
  type PumpSource,
} from "../../src/engine/werift/data/send-pump.js";
import type { WeriftSctp } from "../../src/engine/werift/vendor.js";

interface Sent {
  readonly streamId: number;
  readonly text: string;
  readonly ordered: boolean;
}

/** An association whose `send` resolves when the test says so. */
class Association {
  readonly sent: Sent[] = [];
  readonly #waiting: { resolve(): void; reject(error: Error): void }[] = [];

  send = (
    streamId: number,
    _ppid: number,
    data: Buffer,
    options: { ordered: boolean },
  ): Promise<void> => {
    this.sent.push({ streamId, text: data.toString(), ordered: options.ordered });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  };

  get inside(): number {
    return this.#waiting.length;
  }

  async finish(error?: Error): Promise<void> {
    const first = this.#waiting.shift();
    if (error === undefined) first?.resolve();
    else first?.reject(error);
    // The pump goes on in promise jobs, which are all done before the next turn of the event loop.
    await new Promise(setImmediate);
  }
}

class Source implements PumpSource {
  readonly streamId: number | null;
  readonly ordered: boolean;
  readonly queue: OutboundMessage[] = [];
  readonly done: string[] = [];

  constructor(streamId: number | null, messages: readonly string[], ordered = true) {
    this.streamId = streamId;
    this.ordered = ordered;
    this.queue.push(...messages.map(outboundMessage));
  }

  take(): OutboundMessage | undefined {
    return this.queue.shift();
  }

  taken(message: OutboundMessage): void {
    this.done.push(message.data.toString());
  }
}

/** Above 8, werift 0.25.2 slows down; at 1, every message waits for a turn of its own. */
const insideAtMost = 8;

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${name}${n + 1}`);
}

function pumpOver(association: Association): SendPump {
  return new SendPump(() => association as unknown as WeriftSctp);
}

describe("the send pump", () => {
  it("keeps a few messages inside the association, however many wait", async () => {
    const association = new Association();
    const pump = pumpOver(association);
    const source = new Source(1, numbered("a", insideAtMost + 2));
    pump.wake(source);
    pump.wake(source);
    expect(association.inside).toBe(insideAtMost);
    expect(source.done).toEqual([]);
    await association.finish();
    expect(association.inside).toBe(insideAtMost);
    expect(source.done).toEqual(["a1"]);
    for (let n = 0; n <= insideAtMost; n += 1) await association.finish();
    expect(association.sent.map(({ text }) => text)).toEqual(numbered("a", insideAtMost + 2));
    expect(source.done).toEqual(numbered("a", insideAtMost + 2));
  });

  it("takes from every channel in turn, so that a long queue does not hold up a short one", async () => {
    const association = new Association();
    const pump = pumpOver(association);
    pump.wake(new Source(1, numbered("a", insideAtMost + 5)));
    pump.wake(new Source(3, ["b1", "b2"]));
    pump.wake(new Source(5, ["c1"], false));
    while (association.inside > 0) await association.finish();
    const order = association.sent.map(({ text }) => text).slice(insideAtMost);
    expect(order).toEqual(["a9", "b1", "c1", "a10", "b2", "a11", "a12", "a13"]);
    expect(association.sent.find(({ streamId }) => streamId === 5)?.ordered).toBe(false);
  });

  it("goes on when it is woken after it came to rest", async () => {
    const association = new Association();
    const pump = pumpOver(association);
    const source = new Source(1, ["a"]);
    pump.wake(source);
    await association.finish();
    expect(association.inside).toBe(0);
    source.queue.push(outboundMessage("b"));
    pump.wake(source);
    await association.finish();
    expect(source.done).toEqual(["a", "b"]);
  });

  it("takes nothing more once it is stopped, and tells nobody", async () => {
    const association = new Association();
    const pump = pumpOver(association);
    const source = new Source(1, numbered("a", insideAtMost + 1));
    pump.wake(source);
    pump.stop();
    await association.finish();
    pump.wake(source);
    expect(association.sent).toHaveLength(insideAtMost);
    expect(source.done).toEqual([]);
    expect(source.queue).toHaveLength(1);
  });

  it("survives an association that refuses, and goes on with the next message", async () => {
    const association = new Association();
    const pump = pumpOver(association);
    const source = new Source(1, numbered("a", insideAtMost + 1));
    pump.wake(source);
    await association.finish(new Error("gone"));
    expect(association.sent).toHaveLength(insideAtMost + 1);
  });

  it("sends empty messages as one zero byte under identifiers of their own (RFC 8831)", () => {
    const zero = Buffer.alloc(1);
    expect(outboundMessage("")).toEqual({ payloadProtocolId: 56, data: zero });
    expect(outboundMessage(new Uint8Array(0))).toEqual({ payloadProtocolId: 57, data: zero });
    expect(outboundMessage("é").payloadProtocolId).toBe(51);
    expect(outboundMessage("é").data).toEqual(Buffer.from([0xc3, 0xa9]));
    const view = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    expect(outboundMessage(view)).toEqual({ payloadProtocolId: 53, data: Buffer.from([1, 2]) });
  });
});
