import { describe, expect, it } from "vitest";
import { Lab } from "../support/lab.js";
import { chunk, packet, parameter, types } from "../support/packets.js";
import { connectedPair } from "../support/peers.js";

describe("an abort", () => {
  it("answers first what the remote asked in the same turn: its channel is closed in good order", () => {
    const { link, a, b } = connectedPair({ seed: 1 });
    const near = a.channels.open({ label: "chat" }, link.now);
    const ends: (string | undefined)[] = [];
    near.bind({
      open: () => {},
      message: () => {},
      drained: () => {},
      closed: (error) => ends.push(error?.code),
    });
    b.onChannel = (far) => {
      far.bind({
        open: () => {},
        message: () => {},
        drained: () => {},
        // As an application that leaves does: its channels are closed, so it closes the connection.
        closed: () => b.channels.abort(link.now),
      });
      far.close(link.now);
    };
    expect(link.run(() => a.state === "closed", 5_000)).toBe(true);
    expect(ends).toEqual([undefined]);
    expect(a.error?.code).toBe("closed");
  });

  it("follows in a packet of its own where those answers leave it no room", () => {
    const lab = new Lab().connect();
    const limit = lab.association.stats().packetBytes;
    // As a remote does that tries how large packets may be, just when this side leaves.
    const value = parameter(1, new Uint8Array(limit - 12 - 8));
    lab.channels.receive(packet({ tag: lab.localTag }, chunk(types.heartbeat, 0, value)), lab.now);
    lab.channels.abort(lab.now);
    const [answer, abort, ...others] = lab.sent.map(({ chunks }) => chunks.map(({ type }) => type));
    expect([answer, abort, others]).toEqual([[types.heartbeatAck], [types.abort], []]);
    expect(lab.sentBytes.map(({ length }) => length <= limit)).toEqual([true, true]);
  });
});
