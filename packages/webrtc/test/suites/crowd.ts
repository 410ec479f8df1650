import { collect, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createPeers, next } from "../peers.js";

/** Two peers with three channels; what arrived on each. */
async function threeChannels(index: number): Promise<string[]> {
  await using peers = createPeers({ ids: [`caller-${index}`, `callee-${index}`] });
  const labels = ["one", "two", "three"];
  const near = labels.map((label) => peers.a.createDataChannel(label));
  const far = await collect(peers.b.dataChannels(), 3);
  await Promise.all(near.map(({ opened }) => opened));
  // Whatever was opened first, a label names one channel.
  for (const channel of near) channel.send(`${channel.label} of ${index}`);
  const received = await Promise.all(
    far.map(async (channel) => `${channel.label}: ${String(await next(channel))}`),
  );
  const stats = await peers.a.getStats();
  expect(stats.remoteId).toBe(`callee-${index}`);
  expect(new Set(stats.channels.map(({ id }) => id)).size).toBe(3);
  return received.toSorted();
}

/** Of any platform: many connections. */
export function describeCrowds(): void {
  describe("many connections in one process", () => {
    failOnLeaks();

    it("keep 8 peers with 3 channels each apart", async () => {
      const all = await Promise.all(Array.from({ length: 8 }, (_, index) => threeChannels(index)));
      expect(all).toEqual(
        Array.from({ length: 8 }, (_, index) => [
          `one: one of ${index}`,
          `three: three of ${index}`,
          `two: two of ${index}`,
        ]),
      );
    });

    it("open channels from both ends of one connection without sharing a stream", async () => {
      await using peers = createPeers();
      const mine = ["a1", "a2", "a3"].map((label) => peers.a.createDataChannel(label));
      const theirs = ["b1", "b2", "b3"].map((label) => peers.b.createDataChannel(label));
      await Promise.all([...mine, ...theirs].map(({ opened }) => opened));
      const ids = [...mine, ...theirs].map(({ id }) => id);
      expect(new Set(ids).size).toBe(6);
      const [atA, atB] = await Promise.all([
        collect(peers.a.dataChannels(), 3),
        collect(peers.b.dataChannels(), 3),
      ]);
      expect(atA.map(({ label }) => label).toSorted()).toEqual(["b1", "b2", "b3"]);
      expect(atB.map(({ label }) => label).toSorted()).toEqual(["a1", "a2", "a3"]);
    });

    it("open the others when one channel is closed before it is announced", async () => {
      await using peers = createPeers();
      const [first, second, third] = ["first", "second", "third"].map((label) =>
        peers.a.createDataChannel(label),
      );
      await second?.close();
      await Promise.all([first?.opened, third?.opened]);
      await expect(second?.opened).rejects.toMatchObject({ code: "closed" });
      third?.send("hello");
      for await (const channel of peers.b.dataChannels()) {
        if (channel.label !== "third") continue;
        expect(await next(channel)).toBe("hello");
        break;
      }
    });

    it("reuse a connection for hundreds of channels, one after the other", async () => {
      await using peers = createPeers();
      for (let index = 0; index < 200; index += 1) {
        const near = peers.a.createDataChannel(`channel ${index}`);
        const far = await next(peers.b.dataChannels());
        await near.opened;
        near.send(index % 2 === 0 ? "text" : "other");
        expect(await next(far)).toBe(index % 2 === 0 ? "text" : "other");
        await near.close();
      }
      const stats = await peers.a.getStats();
      expect(stats.dataChannelsOpened).toBe(200);
      expect(stats.dataChannelsClosed).toBe(200);
      expect(stats.channels).toEqual([]);
    });
  });
}
