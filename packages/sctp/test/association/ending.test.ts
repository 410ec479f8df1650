import { describe, expect, it } from "vitest";
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
});
