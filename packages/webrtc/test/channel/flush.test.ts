import { collect, failOnLeaks } from "@conic/internal-testing";
import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createPeers, openChannel } from "../peers.js";

describe("flushing a data channel", () => {
  failOnLeaks();

  it("takes until everything has arrived, however short the close timeout is", async () => {
    await using peers = createPeers({ a: { channelLimits: { closeTimeoutMs: 1 } } });
    const [near, far] = await openChannel(peers);
    const messages = Array.from({ length: 1_000 }, (_, i) => `message ${i}`);
    const reading = collect(far, messages.length);
    for (const message of messages) near.send(message);
    await near.flush();
    expect(near.bufferedAmount).toBe(0);
    expect(far.stats().messagesReceived).toBe(messages.length);
    expect(await reading).toEqual(messages);
  });

  it("is done at once when nothing was sent", async () => {
    await using peers = createPeers();
    const [near] = await openChannel(peers);
    await near.flush();
    expect(near.readyState).toBe("open");
  });

  it("fails when the channel ends before, and afterwards", async () => {
    await using peers = createPeers();
    const [near] = await openChannel(peers);
    near.send(new Uint8Array(200_000));
    const flushing = near.flush();
    peers.a.abort(new ConicError("connection_failed", "enough"));
    await expect(flushing).rejects.toMatchObject({ code: "closed" });
    await expect(near.flush()).rejects.toMatchObject({ code: "closed" });
  });

  it("may be aborted, which leaves the channel as it is", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    near.send(new Uint8Array(200_000));
    const controller = new AbortController();
    const flushing = near.flush({ signal: controller.signal });
    controller.abort();
    await expect(flushing).rejects.toMatchObject({ code: "aborted" });
    expect(near.readyState).toBe("open");
    expect((await collect(far, 1))[0]).toHaveLength(200_000);
  });
});
