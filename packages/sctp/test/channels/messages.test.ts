import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeOpen } from "../../src/channels/dcep.js";
import { channelSettings } from "../../src/channels/settings.js";
import type { SctpChannel } from "../../src/channels/types.js";
import { connectedRig, silent, type Rig } from "./fake-association.js";

const open = encodeOpen(channelSettings({ label: "x" }));

function withChannel(): Rig & { readonly channel: SctpChannel } {
  const made = connectedRig();
  const channel = made.listen(made.channels.open({ label: "x" }, 0), "x");
  made.association.sent.length = 0;
  made.log.length = 0;
  return Object.assign(made, { channel });
}

describe("messages", () => {
  it.each<[string | Uint8Array, number, readonly number[]]>([
    ["A日", 51, [65, 0xe6, 0x97, 0xa5]],
    [Uint8Array.of(0, 255), 53, [0, 255]],
    ["", 56, [0]],
    [new Uint8Array(0), 57, [0]],
  ])("are sent as RFC 8831 says: %j", (data, ppid, bytes) => {
    const { channel, association } = withChannel();
    channel.send(data, 12);
    expect(association.sent).toMatchObject([{ streamId: 0, bytes, options: { ppid }, now: 12 }]);
  });

  it("arrive as text and bytes; empty ones whatever stands for them", () => {
    const { association, log } = withChannel();
    association.message(0, 51, Buffer.from("日本"));
    association.message(0, 53, [1, 2]);
    association.message(0, 56, [0]);
    association.message(0, 57, [0]);
    association.message(0, 57, [1, 2, 3]);
    association.message(0, 51, []);
    expect(log).toEqual(["x 日本", "x [1,2]", "x ", "x []", "x []", "x "]);
  });

  it("survive as they are, any text of whole characters and any bytes", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array()),
        (message: string | Uint8Array) => {
          const { channel, association } = withChannel();
          const received: (string | Uint8Array)[] = [];
          channel.bind({ ...silent, message: (data) => received.push(data) });
          channel.send(message, 0);
          const [sent] = association.sent;
          association.message(0, sent?.options.ppid ?? 0, sent?.bytes ?? []);
          expect(received).toEqual([message]);
        },
      ),
    );
  });

  it("with bytes that are no UTF-8 have them replaced; a byte order mark stays", () => {
    const { association, log } = withChannel();
    association.message(0, 51, [0xff, 65]);
    association.message(0, 51, [0xef, 0xbb, 0xbf, 65]);
    expect(log).toEqual(["x \u{FFFD}A", "x \u{FEFF}A"]);
  });

  it("of unknown kinds are a fault and ignored", () => {
    const { association, log, faults } = withChannel();
    for (const ppid of [0, 49, 55, 58, 2 ** 32 - 1]) association.message(0, ppid, [1]);
    expect(log).toEqual([]);
    expect(faults.map(({ details }) => details["ppid"])).toEqual([0, 49, 55, 58, 2 ** 32 - 1]);
  });

  it("in parts of the withdrawn kind are refused whole, the last part too", () => {
    const { association, log, faults } = withChannel();
    association.message(0, 52, [1]);
    association.message(0, 52, [2]);
    association.message(0, 51, [65]);
    association.message(0, 53, [3]);
    association.message(0, 53, [4]);
    association.message(0, 54, [65]);
    association.message(0, 51, [66]);
    association.message(0, 51, [67]);
    expect(log).toEqual(["x A", "x [4]", "x C"]);
    expect(faults).toHaveLength(3);
  });
});

describe("buffered amounts", () => {
  it("count messages, not the OPEN or the ACK before them", () => {
    const { channels, association, incoming, listen, log } = connectedRig();
    const channel = listen(channels.open({ label: "abc" }, 0), "x");
    association.message(1, 50, open);
    const [remote] = incoming;
    expect([channel.bufferedAmount, remote?.bufferedAmount]).toEqual([0, 0]);
    channel.send(new Uint8Array(100), 0);
    remote?.send(new Uint8Array(10), 0);
    expect([channel.bufferedAmount, remote?.bufferedAmount]).toEqual([100, 10]);
    expect(channel.isFlushed).toBe(false);
    association.buffered.set(0, 100);
    association.buffered.set(1, 10);
    expect([channel.bufferedAmount, remote?.bufferedAmount]).toEqual([100, 10]);
    association.buffered.set(0, 40);
    association.events.drained(0);
    association.events.drained(99);
    expect(channel.bufferedAmount).toBe(40);
    association.buffered.set(0, 0);
    expect([channel.bufferedAmount, channel.isFlushed]).toEqual([0, true]);
    expect(log).toEqual(["x open", "x open", "x drained"]);
  });
});

describe("messages before their OPEN", () => {
  it("wait for it, in their order", () => {
    const { association, log } = connectedRig();
    association.message(1, 51, [65]);
    association.message(1, 53, [1]);
    expect(log).toEqual([]);
    association.message(1, 50, open);
    association.message(1, 51, [66]);
    expect(log).toEqual(["x open", "x A", "x [1]", "x B"]);
  });

  it("wait for the channel that both sides agreed on elsewhere", () => {
    const { association, channels, log, listen } = connectedRig();
    association.message(8, 51, [65]);
    listen(channels.open({ label: "n", negotiatedId: 8 }, 0), "n");
    expect(log).toEqual(["n open", "n A"]);
  });

  it("are dropped above the number, with a fault", () => {
    const made = connectedRig({ role: "client", maxEarlyMessages: 3 });
    for (const [at, id] of [1, 3, 1, 1].entries()) made.association.message(id, 51, [65 + at]);
    expect(made.faults).toMatchObject([{ details: { streamId: 1 } }]);
    made.association.message(1, 50, open);
    expect(made.log).toEqual(["x open", "x A", "x C"]);
    made.association.message(5, 51, [65]);
    made.association.message(5, 51, [65]);
    expect(made.faults).toHaveLength(1);
    made.association.message(5, 51, [65]);
    expect(made.faults).toHaveLength(2);
  });

  it("are dropped above the bytes, with a fault", () => {
    const made = connectedRig({ role: "client", maxEarlyBytes: 100 });
    made.association.message(1, 53, new Uint8Array(60));
    made.association.message(1, 53, new Uint8Array(40));
    expect(made.faults).toHaveLength(0);
    made.association.message(1, 53, new Uint8Array(1));
    expect(made.faults).toHaveLength(1);
  });

  it("have default limits of 256 and 262,144 bytes", () => {
    const made = connectedRig();
    for (let count = 0; count < 256; count += 1) made.association.message(1, 53, [1]);
    expect(made.faults).toHaveLength(0);
    made.association.message(1, 53, [1]);
    expect(made.faults).toHaveLength(1);
    made.association.events.streamsReset([1]);
    made.association.message(1, 53, new Uint8Array(262_144));
    expect(made.faults).toHaveLength(1);
    made.association.message(1, 53, [1]);
    expect(made.faults).toHaveLength(2);
  });

  it("go when the remote resets their stream, or the association ends", () => {
    for (const end of ["reset", "closed"]) {
      const made = connectedRig();
      made.association.message(1, 51, [65]);
      if (end === "reset") made.association.events.streamsReset([1]);
      else made.association.become("closed");
      made.association.message(1, 50, open);
      expect(made.log).toEqual(["x open"]);
    }
  });
});
