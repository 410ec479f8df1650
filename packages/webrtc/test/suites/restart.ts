import { describe, expect, it } from "vitest";
import type { SessionDescription, Signal } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { createPeers, next, openChannel } from "../peers.js";

function offer(description: SessionDescription): Signal {
  return { kind: "description", description };
}

/** The offer of a connection that never came to anything: what a process sent before it was restarted. */
async function offerOfBefore(): Promise<SessionDescription> {
  let description: SessionDescription | undefined;
  await using peers = createPeers({
    pass: (_, signal) => {
      if (signal.kind === "description") ({ description } = signal);
      return false;
    },
  });
  peers.a.createDataChannel("chat");
  await expect.poll(() => description).toBeDefined();
  return description ?? { type: "offer", sdp: "" };
}

/** Of any platform: a remote that was restarted. */
export function describeRestartedRemotes(): void {
  describe("a remote that was restarted", () => {
    failOnLeaks();

    it("ends a connection that stood: its offer is of another session", async () => {
      const fresh = await offerOfBefore();
      await using peers = createPeers();
      const [, far] = await openChannel(peers);
      expect(peers.b.isReplacedBy(fresh)).toBe(true);
      peers.signaling[1].inject(offer(fresh));
      const info = await peers.b.closed;
      expect(info.error?.code).toBe("connection_failed");
      expect(info.wasClean).toBe(false);
      expect(peers.b.connectionState).toBe("closed");
      expect(peers.signaling[1].disposed).toBe(true);
      expect((await far.closed).error?.code).toBe("connection_failed");
    });

    it("is told from one that only renegotiates", async () => {
      let current: SessionDescription | undefined;
      const fresh = await offerOfBefore();
      await using peers = createPeers({
        pass: (from, signal) => {
          if (from === "alice" && signal.kind === "description") current = signal.description;
          return true;
        },
      });
      expect(peers.b.isReplacedBy(fresh)).toBe(false);
      await openChannel(peers);
      const renegotiated = current ?? fresh;
      expect(renegotiated).not.toBe(fresh);
      expect(peers.b.isReplacedBy(renegotiated)).toBe(false);
    });

    it("while it was connecting connects all the same, though an answer to its old offer comes first", async () => {
      const old = await offerOfBefore();
      await using peers = createPeers();
      peers.signaling[1].inject(offer(old));
      const [near, far] = await openChannel(peers);
      near.send("hello");
      expect(await next(far)).toBe("hello");
    });

    it("again and again while it was connecting connects with the last one", async () => {
      const olds = await Promise.all([offerOfBefore(), offerOfBefore(), offerOfBefore()]);
      await using peers = createPeers({ pass: (from) => from === "alice" || released });
      let released = false;
      for (const old of olds) peers.signaling[1].inject(offer(old));
      await expect.poll(async () => (await peers.b.getStats()).attempts).toBe(3);
      released = true;
      const [near, far] = await openChannel(peers);
      near.send("hello");
      expect(await next(far)).toBe("hello");
    });
  });
}
