import { collectAll, failOnLeaks, FakeClock, seededRandom } from "@conic/internal-testing";
const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel } from "../peers.js";

const closedError = expect.objectContaining({ code: "closed" }) as Error;

/** Of any platform: how connections end. */
export function describeEndings(): void {
  describe("a connection that is not made", () => {
    failOnLeaks();

    it("ends with a timeout when the remote does not answer", async () => {
      const clock = new FakeClock();
      await using peers = createPeers({
        a: { clock, connectTimeoutMs: 30_000 },
        pass: () => false,
      });
      const channel = peers.a.createDataChannel("chat");
      clock.advance(29_999);
      expect(peers.a.connectionState).not.toBe("closed");
      clock.advance(1);
      await expect(peers.a.connected).rejects.toMatchObject({ code: "timeout" });
      await expect(channel.opened).rejects.toMatchObject({ code: "timeout" });
      const info = await peers.a.closed;
      expect(info).toMatchObject({ wasClean: false, error: { code: "timeout" } });
      expect(peers.signaling[0].disposed).toBe(true);
      await peers.a.close();
      expect(clock.pending).toBe(0);
    });

    it("may be given up: the wait is aborted, or the connection is", async () => {
      await using peers = createPeers({ pass: () => false });
      const controller = new AbortController();
      const waiting = peers.a.connect({ signal: controller.signal });
      controller.abort();
      await expect(waiting).rejects.toMatchObject({ code: "aborted" });
      expect(peers.a.connectionState).not.toBe("closed");
      const reason = new ConicError("aborted", "the user hung up");
      peers.a.abort(reason);
      await expect(peers.a.connected).rejects.toBe(reason);
      expect((await peers.a.closed).error).toBe(reason);
    });

    it("does nothing when it was aborted before", async () => {
      await using peers = createPeers();
      const signal = AbortSignal.abort();
      await expect(peers.a.connect({ signal })).rejects.toMatchObject({ code: "aborted" });
      await expect(peers.a.close({ signal })).rejects.toMatchObject({ code: "aborted" });
      expect(peers.a.connectionState).toBe("new");
    });
  });

  describe("closing", () => {
    failOnLeaks();

    it("sends what the channels hold: 200 messages arrive", async () => {
      await using peers = createPeers();
      const [near, far] = await openChannel(peers);
      const sent = Array.from({ length: 200 }, (_, index) => `message ${index} `.repeat(20));
      for (const message of sent) near.send(message);
      const closing = peers.a.close();
      expect(await collectAll(far)).toEqual(sent);
      await closing;
      expect(await near.closed).toMatchObject({ code: 1000, wasClean: true });
      expect(await far.closed).toMatchObject({ code: 1000, wasClean: true });
      expect((await peers.b.closed).wasClean).toBe(true);
    });

    it("of one channel is not held up by the traffic of another", async () => {
      await using peers = createPeers();
      const [busy, busyFar] = await openChannel(peers, "busy");
      const [near, far] = await openChannel(peers, "chat");
      const reading = collectAll(busyFar);
      const block = new Uint8Array(16_384);
      for (let sent = 0; sent < 512; sent += 1) busy.send(block);
      near.send("bye");
      await near.close();
      expect(busy.bufferedAmount).toBeGreaterThan(0);
      expect(await collectAll(far)).toEqual(["bye"]);
      expect((await far.closed).wasClean).toBe(true);
      // Closing gives up after 5 s, which 8 MB may take on a busy machine.
      await busy.flush();
      await busy.close();
      expect(await reading).toHaveLength(512);
    });

    it("may be asked for twice and from both sides; nothing works after it", async () => {
      await using peers = createPeers();
      const [near] = await openChannel(peers);
      await Promise.all([peers.a.close(), peers.b.close(), peers.a.close()]);
      await peers.a.close();
      expect(() => peers.a.createDataChannel("late")).toThrow(closedError);
      expect(() => near.send("late")).toThrow(closedError);
      await expect(peers.a.connect()).rejects.toMatchObject({ code: "closed" });
      expect(peers.a.signalingState).toBe("closed");
      expect(await collectAll(peers.a.dataChannels())).toEqual([]);
      expect(peers.signaling.map(({ disposed }) => disposed)).toEqual([true, true]);
    });

    it("drops what an aborted connection holds, at once", async () => {
      await using peers = createPeers();
      const [near, far] = await openChannel(peers);
      for (let sent = 0; sent < 64; sent += 1) near.send(new Uint8Array(65_536));
      const reason = new ConicError("aborted", "enough");
      peers.a.abort(reason);
      expect(near.bufferedAmount).toBe(0);
      expect((await peers.a.closed).error).toBe(reason);
      expect((await near.closed).error).toBe(reason);
      await far.closed;
      expect((await collectAll(far)).length).toBeLessThan(64);
    });

    it("at any moment of set-up, by either side, leaves nothing behind: 40 runs", async () => {
      const failed: string[] = [];
      for (let first = 0; first < 40; first += 8) {
        await Promise.all(
          Array.from({ length: 8 }, async (_, offset) => {
            const seed = first + offset;
            const random = seededRandom(seed);
            // Time stands still: whatever closes does so without waiting for a timer.
            const clock = new FakeClock();
            const peers = createPeers({ a: { clock }, b: { clock } });
            const near = peers.a.createDataChannel("chat");
            const far = next(peers.b.dataChannels()).catch(() => undefined);
            // A connection takes about 150 ms.
            await delay(random() * 250);
            const ends = random() < 0.5 ? [peers.a, peers.b] : [peers.b, peers.a];
            await ends[0]?.close();
            await ends[1]?.close();
            await Promise.all([near.closed, far, near.opened.catch(() => undefined)]);
            const states = [peers.a.connectionState, peers.b.connectionState, near.readyState];
            if (states.some((state) => state !== "closed")) {
              failed.push(`seed ${seed}: ${states.join(" ")}`);
            }
          }),
        );
      }
      expect(failed).toEqual([]);
    });
  });
}
