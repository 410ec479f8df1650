import { describe, expect, it } from "vitest";
import { failOnLeaks } from "@conic/internal-testing";
import { createPeers, next } from "../peers.js";

describe("a search for a path that finds none", () => {
  failOnLeaks();

  it("starts over after pathTimeoutMs, and the second one may find it", async () => {
    let offers = 0;
    const options = { pathTimeoutMs: 500 };
    await using peers = createPeers({
      a: options,
      b: options,
      // The candidates of the first attempt get lost, on both ways.
      pass: (_from, signal) => {
        if (signal.kind === "description" && signal.description.type === "offer") offers += 1;
        return signal.kind !== "candidate" || offers > 1;
      },
    });
    const near = peers.a.createDataChannel("chat");
    const far = await next(peers.b.dataChannels());
    await near.opened;
    near.send("found");
    expect(await next(far)).toBe("found");
    expect((await peers.a.getStats()).attempts).toBe(2);
  });

  it("ends with the connect timeout when there is none", async () => {
    await using peers = createPeers({
      a: { pathTimeoutMs: 200, connectTimeoutMs: 900 },
      b: { pathTimeoutMs: 200, connectTimeoutMs: 900 },
      pass: (_from, signal) => signal.kind !== "candidate",
    });
    const near = peers.a.createDataChannel("chat");
    await expect(near.opened).rejects.toMatchObject({ code: "timeout" });
    expect((await peers.a.closed).error?.code).toBe("timeout");
  });
});
