import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { encodeAck, encodeOpen } from "../../src/channels/dcep.js";
import { channelSettings } from "../../src/channels/settings.js";
import type { ChannelInit } from "../../src/channels/types.js";
import { connectedRig, rig, type Rig } from "./fake-association.js";

const openOf = (init: ChannelInit): readonly number[] => [...encodeOpen(channelSettings(init))];
const ids = ({ association }: Rig): number[] => association.sent.map(({ streamId }) => streamId);

describe("a channel opened here", () => {
  it("is announced when the association connects, in the order of opening", () => {
    const { channels, association, listen, log } = rig();
    const [x, y] = [channels.open({ label: "x" }, 1), channels.open({ label: "y" }, 2)];
    listen(x, "x");
    listen(y, "y");
    expect([x.id, y.id, x.state]).toEqual([0, 2, "connecting"]);
    expect(() => x.send("early", 3)).toThrow(expect.objectContaining({ code: "invalid_state" }));
    channels.receive(new Uint8Array(3), 9);
    association.become("connected");
    expect(association.sent).toMatchObject([
      { streamId: 0, bytes: openOf({ label: "x" }), options: { ppid: 50 }, now: 9 },
      { streamId: 2, bytes: openOf({ label: "y" }), options: { ppid: 50 }, now: 9 },
    ]);
    expect(log).toEqual(["x open", "y open"]);
  });

  it("is open at once on a connected association, and bind tells it", () => {
    const { channels, association, listen, log } = connectedRig();
    const channel = channels.open({ label: "x" }, 5);
    expect(channel.state).toBe("open");
    channel.send("first", 5);
    listen(channel, "x");
    expect(log).toEqual(["x open"]);
    expect(association.sent.map(({ options }) => options.ppid)).toEqual([50, 51]);
  });

  it("sends ordered until the remote is known to have the OPEN", () => {
    for (const answer of ["ack", "message"]) {
      const { channels, association } = connectedRig();
      const channel = channels.open({ label: "", ordered: false, maxRetransmits: 0 }, 0);
      channel.send("a", 0);
      if (answer === "ack") association.message(0, 50, encodeAck());
      else association.message(0, 51, [65]);
      channel.send("b", 0);
      channel.send(new Uint8Array(1), 0);
      channel.send("", 0);
      const limits = { maxRetransmits: 0, maxLifetimeMs: undefined };
      expect(association.sent.slice(1).map(({ options }) => options)).toEqual([
        { ppid: 51, unordered: false, ...limits },
        { ppid: 51, unordered: true, ...limits },
        { ppid: 53, unordered: true, ...limits },
        { ppid: 56, unordered: true, ...limits },
      ]);
      expect(association.sent[0]?.options).toEqual({ ppid: 50 });
    }
  });

  it("says its priority to the association, and the normal one for none", () => {
    const { channels, association } = connectedRig();
    channels.open({ label: "", priority: 1024 }, 0);
    channels.open({ label: "" }, 0);
    association.message(1, 50, openOf({ label: "", priority: 0 }));
    association.message(3, 50, openOf({ label: "", priority: 128 }));
    expect([...association.priorities]).toEqual([
      [0, 1024],
      [2, 256],
      [1, 256],
      [3, 128],
    ]);
  });

  it("closes when the association does not take its OPEN", () => {
    const made = connectedRig();
    made.association.refuse = new ConicError("invalid_argument", "no such stream");
    const channel = made.listen(made.channels.open({ label: "x" }, 0), "x");
    expect(channel.state).toBe("closed");
    expect(made.log).toEqual(["x closed invalid_argument"]);
  });

  it("is refused once the association ends", () => {
    for (const state of ["closing", "closed"] as const) {
      const { channels, association } = connectedRig();
      association.become(state);
      expect(() => channels.open({ label: "" }, 0)).toThrow(
        expect.objectContaining({ code: "closed" }),
      );
    }
  });
});

describe("stream ids", () => {
  it.each([
    ["client", [0, 2, 4]],
    ["server", [1, 3, 5]],
  ] as const)("of the DTLS %s are %j", (role, expected) => {
    const made = connectedRig({ role });
    for (const label of ["x", "y", "z"]) made.channels.open({ label }, 0);
    expect(ids(made)).toEqual(expected);
  });

  it("wait for the role, also when the association is connected already", () => {
    const made = connectedRig({});
    const channel = made.listen(made.channels.open({ label: "x" }, 0), "x");
    expect([channel.id, channel.state, channel.bufferedAmount]).toEqual([null, "connecting", 0]);
    expect(channel.isFlushed).toBe(true);
    made.channels.setRole("server", 4);
    expect([channel.id, channel.state]).toEqual([1, "open"]);
    expect(made.association.sent).toMatchObject([{ streamId: 1, now: 4 }]);
    made.channels.setRole("client", 5);
    expect(made.channels.open({ label: "" }, 5).id).toBe(3);
  });

  it("pass over negotiated ones", () => {
    const made = connectedRig();
    const negotiated = made.channels.open({ label: "n", negotiatedId: 0 }, 0);
    expect([negotiated.id, negotiated.state, negotiated.init.negotiated]).toEqual([
      0,
      "open",
      true,
    ]);
    expect(made.channels.open({ label: "" }, 0).id).toBe(2);
    expect(ids(made)).toEqual([2]);
    const again = { label: "", negotiatedId: 2 };
    expect(() => made.channels.open(again, 0)).toThrow("stream 2 is in use");
  });

  it("end: 32,768 for the client, 32,767 for the server", () => {
    for (const [role, count] of [
      ["client", 32_768],
      ["server", 32_767],
    ] as const) {
      const { channels } = rig({ role });
      const opened = Array.from({ length: count }, () => channels.open({ label: "" }, 0));
      expect(opened.at(-1)?.id).toBe(role === "client" ? 65_534 : 65_533);
      expect(() => channels.open({ label: "" }, 0)).toThrow("all stream ids are in use");
      opened[77]?.close(0);
      expect(channels.open({ label: "" }, 0).id).toBe(opened[77]?.id);
      expect(() => channels.open({ label: "" }, 0)).toThrow("all stream ids are in use");
    }
  });

  it("end for channels that wait for the role: the one too many is closed", () => {
    const made = rig({});
    for (let count = 0; count < 32_767; count += 1) made.channels.open({ label: "" }, 0);
    const last = made.listen(made.channels.open({ label: "last" }, 0), "last");
    expect(() => made.channels.open({ label: "" }, 0)).toThrow("all stream ids are in use");
    made.channels.setRole("server", 0);
    expect(last.state).toBe("closed");
    expect(made.log).toEqual(["last closed invalid_state"]);
  });
});

describe("a channel opened by the remote", () => {
  it("is acknowledged, and is as it was announced", () => {
    const made = connectedRig();
    const init = { label: "chat", protocol: "p", ordered: false, maxPacketLifeTimeMs: 0 };
    made.association.message(5, 50, openOf(init));
    const [channel] = made.incoming;
    expect(channel?.init).toEqual(channelSettings(init));
    expect([channel?.id, channel?.state]).toEqual([5, "open"]);
    expect(made.association.sent).toMatchObject([
      { streamId: 5, bytes: [2], options: { ppid: 50 } },
    ]);
    channel?.send("x", 0);
    expect(made.association.sent[1]?.options).toEqual({
      ppid: 51,
      unordered: true,
      maxRetransmits: undefined,
      maxLifetimeMs: 0,
    });
    expect(made.log).toEqual(["chat open"]);
  });

  it("is refused on a stream id of this side: fault and reset", () => {
    const made = connectedRig();
    made.association.message(4, 50, openOf({ label: "" }));
    expect(made.incoming).toEqual([]);
    expect(made.faults).toMatchObject([{ code: "invalid_message", details: { streamId: 4 } }]);
    expect(made.association.resets).toEqual([[4]]);
    expect(made.association.sent).toEqual([]);
    // Nothing is opened on the stream until both directions are reset.
    const opened = [0, 1, 2, 3].map(() => made.channels.open({ label: "" }, 0).id);
    expect(opened).toEqual([0, 2, 6, 8]);
    made.association.events.streamsReset([4]);
    made.association.events.streamsClosed([4]);
    expect(made.channels.open({ label: "" }, 0).id).toBe(4);
  });

  it("is ignored on a stream in use, whoever opened that: fault, and the channel lives", () => {
    const made = connectedRig();
    const own = made.listen(made.channels.open({ label: "own" }, 0), "own");
    made.association.message(1, 50, openOf({ label: "theirs" }));
    made.association.message(0, 50, openOf({ label: "again" }));
    made.association.message(1, 50, openOf({ label: "again" }));
    expect(made.faults).toHaveLength(2);
    expect(made.incoming).toHaveLength(1);
    expect(made.association.resets).toEqual([]);
    expect(own.state).toBe("open");
  });

  it("is one of at most maxChannels: the next is reset", () => {
    const made = connectedRig({ role: "client", maxChannels: 2 });
    for (const id of [1, 3, 5]) made.association.message(id, 50, openOf({ label: `${id}` }));
    expect(made.incoming.map(({ id }) => id)).toEqual([1, 3]);
    expect(made.faults[0]?.message).toContain("which is the limit");
    expect(made.association.resets).toEqual([[5]]);
    made.association.message(5, 51, [65]);
    expect(made.faults).toHaveLength(1);
    made.incoming[0]?.close(0);
    made.association.events.streamsClosed([1]);
    made.association.events.streamsReset([1]);
    made.association.message(7, 50, openOf({ label: "7" }));
    expect(made.incoming.map(({ id }) => id)).toEqual([1, 3, 7]);
  });

  it("has a default limit of 1,024", () => {
    const made = connectedRig();
    for (let id = 1; id < 2 * 1025; id += 2)
      made.association.message(id, 50, openOf({ label: "" }));
    expect(made.incoming).toHaveLength(1024);
    expect(made.association.resets).toEqual([[2049]]);
  });

  it("costs nothing beyond a fault when refused ones pile up", () => {
    const made = connectedRig({ role: "client", maxChannels: 3 });
    for (let id = 0; id < 20; id += 2) made.association.message(id, 50, openOf({ label: "" }));
    expect(made.association.resets).toEqual([[0], [2], [4]]);
    expect(made.faults).toHaveLength(10);
  });

  it("is closed when the association does not take the ACK", () => {
    const made = connectedRig();
    made.association.refuse = new ConicError("closed", "no");
    made.association.message(1, 50, openOf({ label: "x" }));
    expect(made.incoming).toEqual([]);
    made.association.refuse = undefined;
    made.association.message(1, 50, openOf({ label: "x" }));
    expect(made.incoming).toHaveLength(1);
  });
});

describe("control messages that make no sense", () => {
  it("are a fault, and a stream that begins with one is reset", () => {
    const made = connectedRig();
    const channel = made.listen(made.channels.open({ label: "x" }, 0), "x");
    made.association.message(0, 50, [9]);
    made.association.message(7, 50, [9]);
    made.association.message(9, 50, []);
    expect(made.faults).toHaveLength(3);
    expect(made.association.resets).toEqual([[7], [9]]);
    expect(channel.state).toBe("open");
  });

  it("include an ACK on a stream without a channel", () => {
    const made = connectedRig();
    made.association.message(7, 50, encodeAck());
    expect(made.faults).toMatchObject([{ details: { streamId: 7 } }]);
    expect(made.association.resets).toEqual([]);
  });
});
