import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { encodeAck, encodeOpen } from "../../src/channels/dcep.js";
import { channelSettings } from "../../src/channels/settings.js";
import { connectedRig, rig, silent } from "./fake-association.js";

const open = encodeOpen(channelSettings({ label: "x" }));

describe("closing a channel", () => {
  it("resets this side's direction, and is done when the remote has answered and reset its own", () => {
    for (const order of ["confirmed first", "reset first"]) {
      const { channels, association, listen, log } = connectedRig();
      const channel = listen(channels.open({ label: "x" }, 0), "x");
      channel.close(3);
      channel.close(4);
      expect(association.resets).toEqual([[0]]);
      expect(channel.state).toBe("closing");
      expect(() => channel.send("x", 5)).toThrow(expect.objectContaining({ code: "closed" }));
      const steps = [
        () => association.events.streamsClosed([0]),
        () => association.events.streamsReset([0]),
      ];
      if (order === "reset first") steps.reverse();
      steps[0]?.();
      expect(channel.state).toBe("closing");
      steps[1]?.();
      expect(channel.state).toBe("closed");
      expect(log).toEqual(["x open", "x closed"]);
      expect(association.resets).toEqual([[0]]);
      expect([channel.bufferedAmount, channel.isFlushed]).toEqual([0, true]);
      expect(channels.open({ label: "y" }, 6).id).toBe(0);
    }
  });

  it("by the remote is answered, for all its streams in one request", () => {
    const { association, incoming, log } = connectedRig();
    for (const id of [1, 3]) association.message(id, 50, open);
    association.events.streamsReset([1, 3, 5]);
    expect(association.resets).toEqual([[1, 3]]);
    expect(incoming.map(({ state }) => state)).toEqual(["closing", "closing"]);
    association.events.streamsClosed([1, 3, 5]);
    expect(incoming.map(({ state }) => state)).toEqual(["closed", "closed"]);
    expect(log).toEqual(["x open", "x open", "x closed", "x closed"]);
  });

  it("still delivers what the remote sent before it reset its direction", () => {
    const { channels, association, listen, log } = connectedRig();
    listen(channels.open({ label: "x" }, 0), "x").close(0);
    association.message(0, 51, [65]);
    association.events.streamsClosed([0]);
    association.message(0, 51, [66]);
    association.events.streamsReset([0]);
    expect(log).toEqual(["x open", "x A", "x B", "x closed"]);
  });

  it("inside the event that tells of it does no harm, on either side", () => {
    const made = connectedRig();
    made.onChannel = (channel) => channel.close(0);
    made.association.message(1, 50, open);
    expect(made.association.resets).toEqual([[1]]);
    made.association.message(1, 51, [65]);
    made.association.events.streamsReset([1]);
    made.association.events.streamsClosed([1]);
    expect(made.log).toEqual(["x open", "x A", "x closed"]);
    // The ACK of a channel that this side has closed and forgotten.
    made.association.message(0, 50, encodeAck());
    expect(made.faults).toMatchObject([{ code: "invalid_message" }]);
  });

  it("before the association is connected happens at once, and nothing is announced", () => {
    for (const role of ["client", undefined] as const) {
      const made = rig({ role });
      const channel = made.listen(made.channels.open({ label: "x" }, 0), "x");
      channel.close(0);
      expect(channel.state).toBe("closed");
      made.channels.setRole("client", 0);
      made.association.become("connected");
      expect(made.association.sent).toEqual([]);
      expect(made.association.resets).toEqual([]);
      expect(made.log).toEqual(["x closed"]);
    }
  });

  it("is told to a listener that comes late", () => {
    const { channels, listen, log } = rig();
    const channel = channels.open({ label: "x" }, 0);
    channel.close(0);
    listen(channel, "late");
    expect(log).toEqual(["late closed"]);
  });
});

describe("a stream used again", () => {
  it("before the confirmation of this side's reset has come: the new messages wait for it", () => {
    const { association, incoming, log, faults } = connectedRig();
    association.message(1, 50, open);
    association.events.streamsReset([1]);
    association.message(1, 51, [65]);
    association.message(1, 50, encodeOpen(channelSettings({ label: "y" })));
    association.message(1, 51, [66]);
    expect(incoming).toHaveLength(1);
    association.events.streamsClosed([1]);
    expect(incoming.map(({ state }) => state)).toEqual(["closed", "open"]);
    expect(log).toEqual(["x open", "x closed", "y open", "y A", "y B"]);
    expect(faults).toEqual([]);
  });

  it("and closed again before that confirmation: the new channel is opened and closed", () => {
    const { association, incoming, log, faults } = connectedRig();
    association.message(1, 50, open);
    association.events.streamsReset([1]);
    association.events.streamsReset([1]);
    for (const label of ["y", "z"]) {
      association.message(1, 50, encodeOpen(channelSettings({ label })));
      association.message(1, 51, [66]);
      association.events.streamsReset([1]);
      association.events.streamsReset([1]);
    }
    association.events.streamsClosed([1]);
    expect(association.resets).toEqual([[1], [1]]);
    expect(incoming.map(({ state }) => state)).toEqual(["closed", "closing"]);
    association.events.streamsClosed([1]);
    association.events.streamsClosed([1]);
    expect(incoming.map(({ state }) => state)).toEqual(["closed", "closed", "closed"]);
    const told = "x open,x closed,y open,y B,y closed,z open,z B,z closed";
    expect(log.join()).toBe(told);
    expect(faults).toEqual([]);
  });

  it("may be opened inside the closed event of its last channel", () => {
    const { channels, association } = connectedRig();
    const first = channels.open({ label: "1" }, 0);
    let second: number | null = null;
    first.bind({
      ...silent,
      closed: () => {
        second = channels.open({ label: "2" }, 0).id;
      },
    });
    first.close(0);
    association.events.streamsClosed([0]);
    association.events.streamsReset([0]);
    expect(second).toBe(0);
    expect(association.sent).toHaveLength(2);
  });
});

describe("the end of the association", () => {
  it("closes every channel, with its error", () => {
    const { channels, association, listen, log, states } = connectedRig();
    const channel = listen(channels.open({ label: "x" }, 0), "x");
    association.message(1, 50, encodeOpen(channelSettings({ label: "y" })));
    channel.close(0);
    association.become("closed", new ConicError("connection_failed", "aborted"));
    expect(log.slice(2)).toEqual(["x closed connection_failed", "y closed connection_failed"]);
    expect(states).toEqual(["connected", "closed"]);
    channel.close(1);
    expect(() => channel.send("x", 0)).toThrow(expect.objectContaining({ code: "closed" }));
  });

  it("closes those too that were never announced", () => {
    const { channels, association, listen, log } = rig({});
    listen(channels.open({ label: "x" }, 0), "x");
    listen(channels.open({ label: "n", negotiatedId: 3 }, 0), "n");
    association.become("connecting");
    association.become("closed");
    expect(log.toSorted()).toEqual(["n closed", "x closed"]);
  });

  it("when it is orderly refuses new messages from its beginning", () => {
    const { channels, association, listen, log } = connectedRig();
    const channel = listen(channels.open({ label: "x" }, 0), "x");
    association.become("closing");
    expect(channel.state).toBe("closing");
    expect(() => channel.send("x", 0)).toThrow(expect.objectContaining({ code: "closed" }));
    association.message(0, 51, [65]);
    association.become("closed");
    expect(log).toEqual(["x open", "x A", "x closed"]);
  });
});

describe("the driver's calls", () => {
  it("reach the association", () => {
    const { channels, association, log } = rig();
    channels.connect(1);
    channels.receive(new Uint8Array(2), 2);
    channels.flush(3);
    channels.advance(4);
    channels.shutdown(5);
    channels.abort(6, "why");
    expect(channels.nextTimeout()).toBe(77);
    association.events.packet(new Uint8Array(9));
    expect(association.calls).toEqual([
      "connect 1",
      "receive 2 2",
      "flush 3",
      "advance 4",
      "shutdown 5",
      "abort 6 why",
    ]);
    expect(log).toEqual(["packet 9"]);
  });
});
