import { FakeClock, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel } from "../peers.js";

/** Of any platform: two peers connect and talk. */
export function describeConnecting(): void {
  describe("a connection between two peers", () => {
    failOnLeaks();

    it("carries text and bytes both ways", async () => {
      await using peers = createPeers();
      const [near, far] = await openChannel(peers);
      near.send("hello");
      expect(await next(far)).toBe("hello");
      far.send(Uint8Array.of(1, 2, 3));
      expect(new Uint8Array((await next(near)) as Uint8Array)).toEqual(Uint8Array.of(1, 2, 3));
      expect(peers.a.connectionState).toBe("connected");
      await peers.b.connected;
    });

    it("carries empty messages and labels in any script", async () => {
      await using peers = createPeers();
      const [near, far] = await openChannel(peers, "日本語のラベル");
      expect(far.label).toBe("日本語のラベル");
      near.send("");
      expect(await next(far)).toBe("");
      near.send(new Uint8Array(0));
      expect((await next(far)).length).toBe(0);
      near.send("after");
      expect(await next(far)).toBe("after");
    });

    it("sees the remote close at once: no timer has to fire for that", async () => {
      await using peers = createPeers({ a: { clock: new FakeClock() } });
      const [near] = await openChannel(peers);
      await peers.b.close();
      const info = await peers.a.closed;
      expect(info.wasClean).toBe(true);
      expect(peers.a.connectionState).toBe("closed");
      expect((await near.closed).wasClean).toBe(true);
    });

    it("connects without a channel, and opens channels later from either side", async () => {
      await using peers = createPeers();
      await peers.a.connect();
      await peers.b.connected;
      expect((await peers.b.getStats()).channels).toEqual([]);
      const far = peers.b.createDataChannel("late");
      const near = await next(peers.a.dataChannels());
      await far.opened;
      near.send("hi");
      expect(await next(far)).toBe("hi");
    });

    it("is not bound by the connect timeout any more once it stands", async () => {
      const clock = new FakeClock();
      await using peers = createPeers({
        a: { connectTimeoutMs: 1000, clock },
        b: { connectTimeoutMs: 1000 },
      });
      const [near, far] = await openChannel(peers);
      // An offer that comes later, as a renegotiation would bring it.
      peers.signaling[0].inject({
        kind: "description",
        description: { type: "offer", sdp: "v=0" },
      });
      clock.advance(1500);
      near.send("still here");
      expect(await next(far)).toBe("still here");
      expect(peers.a.connectionState).not.toBe("closed");
    });
  });
}
