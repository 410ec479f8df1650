import { describe, expect, it } from "vitest";
import { callCounts } from "../../../e2e/src/call-counts.js";
import { startSignalServer } from "../../../e2e/src/signal-server.js";
import { DemoBrowser } from "../../src/demo/browser.js";

describe("calls of the page, at /metrics", () => {
  it("count once for each, with how they came out", async () => {
    await using server = await startSignalServer({ env: { CONIC_LOG_LEVEL: "silent" } });
    await using browser = await DemoBrowser.start();
    await using alice = await browser.peer(server.port, "alice");
    await using bob = await browser.peer(server.port, "bob");
    await alice.call("nobody");
    await expect.poll(() => callCounts(server)).toEqual({ "failed peer_gone": 1 });
    await alice.call("bob");
    await bob.accept("alice");
    await Promise.all([alice.connected("bob"), bob.connected("alice")]);
    const expected = { direct: 1, "failed peer_gone": 1 };
    await expect.poll(() => callCounts(server)).toEqual(expected);
    expect([...alice.faults, ...bob.faults]).toEqual([]);
  });
});
