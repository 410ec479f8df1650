import { describe, expect, it } from "vitest";
import type { CongestionControllerFactory } from "../../src/options.js";
import type { SctpChannel } from "../../src/channels/types.js";
import { Lab } from "../support/lab.js";
import { types } from "../support/packets.js";
import { connectedPair, type Pair } from "../support/peers.js";

const silent = { open: () => {}, message: () => {}, drained: () => {}, closed: () => {} };

/** Bytes that arrived, by label, at b. */
function countBytes({ b }: Pair): Map<string, number> {
  const bytes = new Map<string, number>();
  b.onChannel = ({ init }) => {
    const channel = b.incoming.at(-1);
    channel?.bind({
      ...silent,
      message: (data) => bytes.set(init.label, (bytes.get(init.label) ?? 0) + data.length),
    });
  };
  return bytes;
}

function fill(channel: SctpChannel, bytes: number, message: number, now: number): void {
  for (let sent = 0; sent < bytes; sent += message) channel.send(new Uint8Array(message), now);
}

describe("streams that compete", () => {
  it.each([true, false])("share by their priorities, with interleaving: %s", (interleaving) => {
    const made = connectedPair({
      seed: 1,
      both: { delayMs: 5, bytesPerMs: 1000 },
      peers: { interleaving },
    });
    const { link, a } = made;
    const bytes = countBytes(made);
    const priorities = [128, 256, 512, 1024];
    for (const priority of priorities) {
      const channel = a.channels.open({ label: `${priority}`, priority }, link.now);
      fill(channel, 4_000_000, 2000, link.now);
    }
    link.runFor(1500);
    const got = priorities.map((priority) => bytes.get(`${priority}`) ?? 0);
    const unit = (got[0] ?? 0) / 128;
    for (const [index, priority] of priorities.entries()) {
      expect((got[index] ?? 0) / priority / unit).toBeCloseTo(1, 0);
    }
    expect((got[3] ?? 0) / (got[0] ?? 1)).toBeGreaterThan(6);
  });

  it("do not wait for a large message of another one where messages may be interleaved", () => {
    const late = [true, false].map((interleaving) => {
      const made = connectedPair({
        seed: 1,
        both: { delayMs: 5, bytesPerMs: 500 },
        peers: { interleaving, maxMessageBytes: 4_000_000 },
      });
      const { link, a } = made;
      const bytes = countBytes(made);
      const [large, small] = ["large", "small"].map((label) =>
        a.channels.open({ label }, link.now),
      );
      link.runFor(200);
      large?.send(new Uint8Array(1_000_000), link.now);
      a.channels.flush(link.now);
      link.runFor(50);
      small?.send("quick", link.now);
      const before = link.now;
      link.run(() => bytes.has("small"), 60_000);
      return link.now - before;
    });
    expect(late[0]).toBeLessThan(700);
    expect(late[1]).toBeGreaterThan(1000);
  });
});

/** Whatever happens, the window is open. */
const boundless: CongestionControllerFactory = () => ({
  window: 2 ** 30,
  threshold: 2 ** 30,
  onAcked: () => {},
  onLoss: () => {},
  onTimeout: () => {},
  onPacketBytes: () => {},
});

describe("chunks under way", () => {
  it.each([
    [types.data, 32_000],
    [types.iData, 60_000],
  ])("of type %d are %d at most: more could not be told from those before", (type, most) => {
    const lab = new Lab({
      association: { congestion: boundless },
      extensions:
        type === types.data ? [types.reconfig] : [types.reconfig, types.iData, types.iForwardTsn],
      receiveWindow: 100_000_000,
    }).connect();
    const channel = lab.open("x");
    for (let count = 0; count < 70_000; count += 1) channel.send("x", lab.now);
    // A burst a turn; the first timeout would send something again.
    for (let turn = 0; turn < 200; turn += 1) lab.flush();
    expect(lab.chunks(type)).toHaveLength(most);
    lab.sackAll(100_000_000);
    for (let turn = 0; turn < 200; turn += 1) lab.flush();
    expect(lab.chunks(type)).toHaveLength(Math.min(2 * most, 70_001));
  });
});

describe("what is queued", () => {
  it("is told of as it gets less, and dropped by discard where nothing of it was sent", () => {
    const made = connectedPair({ seed: 1, both: { delayMs: 5, bytesPerMs: 100 } });
    const { link, a } = made;
    const bytes = countBytes(made);
    const channel = a.channels.open({ label: "x" }, link.now);
    let drained = 0;
    channel.bind({ ...silent, drained: () => (drained += 1) });
    fill(channel, 1_000_000, 10_000, link.now);
    expect(channel.bufferedAmount).toBe(1_000_000);
    link.runFor(1000);
    expect(drained).toBeGreaterThan(3);
    const before = channel.bufferedAmount;
    expect(before).toBeLessThan(1_000_000);
    a.association.discard(channel.id ?? 0);
    a.association.discard(999);
    expect(channel.bufferedAmount).toBeLessThan(10_000);
    channel.send("after", link.now);
    link.runFor(10_000);
    expect(channel.isFlushed).toBe(true);
    expect((bytes.get("x") ?? 0) % 10_000).toBe("after".length);
  });

  it("is refused when it cannot be sent", () => {
    const { association, channels } = new Lab();
    const send = (id: number, bytes: number): void => {
      association.send(id, new Uint8Array(bytes), { ppid: 53 }, 0);
    };
    for (const id of [-1, 65_535, 1.5, Number.NaN])
      expect(() => send(id, 1)).toThrow("no stream id");
    expect(() => send(1, 0)).toThrow("no empty messages");
    channels.abort(0);
    expect(() => send(1, 1)).toThrow(expect.objectContaining({ code: "closed" }));
  });

  it("on a stream that is being reset is refused until that is done", () => {
    const lab = new Lab().connect();
    const { association } = lab;
    association.send(4, new Uint8Array(1), { ppid: 53 }, lab.now);
    association.resetStreams([4], lab.now);
    expect(() => association.send(4, new Uint8Array(1), { ppid: 53 }, lab.now)).toThrow("reset");
    lab.flush();
    expect(lab.chunks(types.reconfig)).toEqual([]);
    lab.sackAll();
    expect(lab.chunks(types.reconfig)).toHaveLength(1);
  });
});

describe("a remote without an extension", () => {
  it("RE-CONFIG or not, a closed channel ends here", () => {
    const lab = new Lab({ extensions: [types.forwardTsn] }).connect();
    const channel = lab.open("x");
    lab.sackAll();
    channel.close(lab.now);
    lab.flush();
    lab.wait(60_000);
    expect(lab.state).toBe("connected");
    expect(channel.state).toBe("closed");
  });

  it("FORWARD TSN or not, nothing stalls: what has limits is sent reliably", () => {
    const lab = new Lab({ extensions: [types.reconfig] }).connect();
    const channel = lab.channels.open({ label: "x", maxRetransmits: 0 }, lab.now);
    channel.send("x", lab.now);
    lab.flush();
    lab.wait(3000);
    expect(lab.chunks(types.forwardTsn)).toEqual([]);
    lab.sackAll();
    expect(channel.isFlushed).toBe(true);
  });
});
