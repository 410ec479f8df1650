import { isConicError, parseClientId, type ConicError } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { ConicClient, ConnectOptions } from "@conic/client";
import { next } from "../next.js";

/** A signaling server of its own, or one that nobody else uses meanwhile; disposing it closes its clients. */
export interface CallWorld extends AsyncDisposable {
  client(id: string, options?: ConnectOptions): Promise<ConicClient>;
}

/** Of clients on any platform. */
export function describeCalls(start: () => Promise<CallWorld>): void {
  describe("a call", () => {
    failOnLeaks();

    it("connects the caller with who accepts, and carries messages both ways", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      const bob = await world.client("bob");
      const calling = alice.call("bob");
      const call = await next(bob.incoming());
      expect(call.remoteId).toBe("alice");
      const there = call.accept();
      const here = await calling;
      expect(here.connectionState).toBe("connected");
      const channel = here.createDataChannel("chat");
      const far = await next(there.dataChannels());
      await channel.opened;
      channel.send("ping");
      expect(await next(far)).toBe("ping");
      far.send("pong");
      expect(await next(channel)).toBe("pong");
      expect(alice.peers()).toEqual([here]);
    });

    it("returns the connection that stands already", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      const bob = await world.client("bob");
      const calls = Promise.all([alice.call("bob"), alice.call("bob")]);
      (await next(bob.incoming())).accept();
      const [first, second] = await calls;
      expect(second).toBe(first);
      expect(await alice.call("bob")).toBe(first);
    });

    it("settles on one connection when both call at once", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      const bob = await world.client("bob");
      const [a, b] = await Promise.all([alice.call("bob"), bob.call("alice")]);
      const channel = a.createDataChannel("x");
      const far = await next(b.dataChannels());
      await channel.opened;
      channel.send("one");
      expect(await next(far)).toBe("one");
      expect(alice.peers()).toHaveLength(1);
      expect(bob.peers()).toHaveLength(1);
    });

    it("accepts a call that waits when the called side calls back", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      const bob = await world.client("bob");
      const calling = alice.call("bob");
      const call = await next(bob.incoming());
      const back = await bob.call("alice");
      await calling;
      expect(call.waiting).toBe(false);
      expect(back.connectionState).toBe("connected");
      expect(() => call.accept()).toThrow(/accepted already/);
    });

    it("fails at once with target_not_found for an id that nobody holds", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      const faults: ConicError[] = [];
      alice.on("fault", (fault) => faults.push(fault));
      const error = await alice.call("nobody").catch((e: unknown) => e);
      expect(isConicError(error, "target_not_found")).toBe(true);
      expect(alice.peers()).toEqual([]);
      // The candidates of the call were refused too: when this answer is here, so are theirs.
      await alice.relay("alice", "echo", Uint8Array.of(1));
      await next(alice.relayed());
      expect(faults).toEqual([]);
    });

    it("refuses the own id and ids that break the grammar", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      await expect(alice.call("alice")).rejects.toMatchObject({ code: "invalid_argument" });
      await expect(alice.call("no spaces")).rejects.toMatchObject({ code: "invalid_id" });
    });

    it("fails at once when it is rejected", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      const bob = await world.client("bob");
      const calling = alice.call("bob").catch((error: unknown) => error);
      const call = await next(bob.incoming());
      call.reject();
      expect(await calling).toMatchObject({
        code: "connection_failed",
        message: "bob refused the offer",
      });
      expect(() => call.accept()).toThrow(/over already/);
      const again = alice.call("bob");
      (await next(bob.incoming())).accept();
      expect((await again).connectionState).toBe("connected");
    });

    it("times out when it is not accepted, and is aborted by a signal", async () => {
      await using world = await start();
      const clock = new FakeClock();
      const alice = await world.client("alice", { clock, peer: { connectTimeoutMs: 300 } });
      const bob = await world.client("bob");
      const unanswered = alice.call("bob");
      const call = await next(bob.incoming());
      clock.advance(300);
      await expect(unanswered).rejects.toMatchObject({ code: "timeout" });
      const stop = new AbortController();
      const calling = alice.call("bob", { signal: stop.signal });
      stop.abort();
      await expect(calling).rejects.toMatchObject({ code: "aborted" });
      expect(alice.peers()).toEqual([]);
      call.reject();
    });

    it("drops calls above maxPendingCalls with a fault, and keeps the one that waits", async () => {
      await using world = await start();
      const bob = await world.client("bob", { maxPendingCalls: 1 });
      const fault = new Promise<ConicError>((resolve) => {
        bob.on("fault", resolve);
      });
      const alice = await world.client("alice");
      const clock = new FakeClock();
      const carol = await world.client("carol", { clock, peer: { connectTimeoutMs: 1000 } });
      const first = alice.call("bob");
      // Alice's offer has gone to the server before carol's, so it arrives first.
      await expect.poll(() => alice.peers()[0]?.signalingState).toBe("have-local-offer");
      const second = carol.call("bob").catch((error: unknown) => error);
      expect((await fault).code).toBe("buffer_full");
      const call = await next(bob.incoming());
      expect(call.remoteId).toBe("alice");
      call.accept();
      await first;
      clock.advance(1000);
      expect(isConicError(await second, "timeout")).toBe(true);
    });

    it("takes the call of a peer that was restarted in place of the old connection", async () => {
      await using world = await start();
      const alice = await world.client("alice");
      const bob = await world.client("bob");
      const calling = alice.call("bob");
      const first = (await next(bob.incoming())).accept();
      const here = await calling;
      const channel = here.createDataChannel("chat");
      await channel.opened;
      // Alice's process dies without a word to bob, and comes back under the same id.
      const frozen = alice.peers()[0];
      await alice.close();
      expect(frozen?.connectionState).toBe("closed");
      const again = await world.client("alice");
      const calling2 = again.call("bob");
      const call = await next(bob.incoming());
      expect(call.remoteId).toBe(parseClientId("alice"));
      const second = call.accept();
      await calling2;
      await first.closed;
      await second.connected;
      expect(second.connectionState).toBe("connected");
    });
  });
}
