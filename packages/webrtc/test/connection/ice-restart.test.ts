import type { SessionDescription } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import type { DataChannel } from "../../src/index.js";
import { createPeers, next, openChannel, type PeerOverrides, type Peers } from "../peers.js";
import type { PairOptions } from "../signaling-pair.js";
import { UdpPath } from "../udp-path.js";

function value(description: SessionDescription | undefined, prefix: string): string | undefined {
  const line = description?.sdp.split("\r\n").find((text) => text.startsWith(prefix));
  return line?.slice(prefix.length);
}

interface Recorded {
  readonly peers: Peers;
  /** What was sent, by either side, in order. */
  readonly sent: { readonly from: string; readonly description: SessionDescription }[];
}

function recorded(options: PairOptions & { a?: PeerOverrides; b?: PeerOverrides } = {}): Recorded {
  const sent: Recorded["sent"] = [];
  const peers = createPeers({
    ...options,
    pass: (from, signal) => {
      if (signal.kind === "description") sent.push({ from, description: signal.description });
      return options.pass?.(from, signal) ?? true;
    },
  });
  return { peers, sent };
}

async function echo(near: DataChannel, far: DataChannel, text: string): Promise<void> {
  near.send(text);
  expect(await next(far)).toBe(text);
  far.send(`${text} back`);
  expect(await next(near)).toBe(`${text} back`);
}

/** The negotiation that is under way is over, and both sides use the credentials that it brought. */
async function settled({ peers, sent }: Recorded, exchanges: number): Promise<void> {
  await expect
    .poll(() => sent.filter(({ description }) => description.type === "answer").length)
    .toBe(exchanges);
  await expect
    .poll(() => [peers.a.signalingState, peers.b.signalingState])
    .toEqual(["stable", "stable"]);
}

describe.each([
  ["the side that offered", "a", "alice"],
  ["the side that answered", "b", "bob"],
] as const)("an ICE restart by %s", (_, side, name) => {
  failOnLeaks();

  it("changes the credentials of both sides, and neither the session nor the channels", async () => {
    const run = recorded();
    await using peers = run.peers;
    const [near, far] = await openChannel(peers);
    const states: string[] = [];
    for (const peer of [peers.a, peers.b])
      peer.on("connectionstatechange", (state) => states.push(state));
    const before = run.sent.splice(0);
    peers[side].restartIce();
    await settled(run, 1);
    await echo(near, far, "after");
    const [offer, answer] = run.sent;
    expect([offer?.from, offer?.description.type]).toEqual([name, "offer"]);
    for (const { from, description } of [offer, answer].flatMap((sent) => sent ?? [])) {
      const old = before.find((sent) => sent.from === from)?.description;
      for (const line of ["a=ice-ufrag:", "a=ice-pwd:"])
        expect(value(description, line)).not.toBe(value(old, line));
      expect(value(description, "o=- ")?.split(" ")[0]).toBe(value(old, "o=- ")?.split(" ")[0]);
      expect(value(description, "a=fingerprint:")).toBe(value(old, "a=fingerprint:"));
    }
    expect(value(offer?.description, "a=setup:")).toBe("actpass");
    expect(states).toEqual([]);
    expect((await peers.a.getStats()).attempts).toBe(1);
  });

  it("loses, repeats and turns around no message that is sent meanwhile", async () => {
    const run = recorded();
    await using peers = run.peers;
    const [near, far] = await openChannel(peers);
    const total = 400;
    let sent = 0;
    const sending = (async () => {
      for (; sent < total; sent += 1) {
        near.send(String(sent));
        if (sent % 100 === 50) peers[side].restartIce();
        if (sent % 10 === 0) await new Promise(setImmediate);
      }
    })();
    const got: unknown[] = [];
    for await (const message of far) {
      got.push(message);
      if (got.length === total) break;
    }
    await sending;
    expect(got).toEqual(Array.from({ length: total }, (_unused, index) => String(index)));
    await expect.poll(() => peers[side].signalingState).toBe("stable");
  });

  it("finds a new path when the old one is dead", async () => {
    await using old = await UdpPath.create();
    await using fresh = await UdpPath.create();
    let path = old;
    const end = { hostAddresses: ["127.0.0.1"], disconnectedTimeoutMs: 1000 };
    const run = recorded({
      a: end,
      b: end,
      rewrite: (from, signal) => path.rewrite(from, signal),
    });
    await using peers = run.peers;
    const [near, far] = await openChannel(peers);
    old.filter = () => false;
    await expect
      .poll(() => [peers.a, peers.b].map(({ connectionState }) => connectionState))
      .toEqual(["disconnected", "disconnected"]);
    near.send("into the dark");
    path = fresh;
    peers[side].restartIce();
    await expect
      .poll(() => [peers.a, peers.b].map(({ connectionState }) => connectionState))
      .toEqual(["connected", "connected"]);
    expect(await next(far)).toBe("into the dark");
    await echo(near, far, "found");
    expect((await peers.a.getStats()).attempts).toBe(1);
  });
});

describe("an ICE restart", () => {
  failOnLeaks();

  it("by both sides at once comes to one, with new credentials on both", async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const run = recorded({ ids: turn % 2 === 0 ? ["alice", "bob"] : ["bob", "alice"] });
      await using peers = run.peers;
      const [near, far] = await openChannel(peers);
      const old = run.sent.splice(0).map(({ description }) => value(description, "a=ice-ufrag:"));
      peers.a.restartIce();
      peers.b.restartIce();
      await settled(run, 1);
      await echo(near, far, "after");
      // Both offered, and the one that gave way counts its own wish as fulfilled.
      expect(run.sent.map(({ description }) => description.type).toSorted()).toEqual([
        "answer",
        "offer",
        "offer",
      ]);
      for (const { description } of run.sent)
        expect(old).not.toContain(value(description, "a=ice-ufrag:"));
    }
  });

  it("follows another, ten times", async () => {
    const run = recorded();
    await using peers = run.peers;
    const [near, far] = await openChannel(peers);
    const fragments = new Set<string | undefined>();
    for (let turn = 1; turn <= 10; turn += 1) {
      (turn % 2 === 0 ? peers.a : peers.b).restartIce();
      await settled(run, turn + 1);
      await echo(near, far, `round ${turn}`);
    }
    for (const { description } of run.sent) fragments.add(value(description, "a=ice-ufrag:"));
    expect(fragments.size).toBe(22);
    expect((await peers.a.getStats()).attempts).toBe(1);
  });

  it("that the remote refuses leaves the connection as it is, and the next one works", async () => {
    let refuse = false;
    const run = recorded({
      rewrite: (_from, signal) => {
        if (!refuse || signal.kind !== "description") return signal;
        refuse = false;
        return { kind: "description", description: { type: "offer", sdp: "v=0\r\nno offer" } };
      },
    });
    await using peers = run.peers;
    const [near, far] = await openChannel(peers);
    const faults: string[] = [];
    for (const peer of [peers.a, peers.b]) peer.on("fault", ({ code }) => faults.push(code));
    refuse = true;
    peers.a.restartIce();
    await expect.poll(() => faults).toContain("connection_failed");
    await echo(near, far, "still here");
    peers.a.restartIce();
    await settled(run, 2);
    await echo(near, far, "and after");
  });

  it("while the first path is still looked for comes to one connection", async () => {
    let answered = false;
    const run = recorded({
      pass: (_from, signal) => {
        if (signal.kind === "description") answered ||= signal.description.type === "answer";
        // No candidate of before the restart arrives.
        return signal.kind === "description" || answered;
      },
    });
    await using peers = run.peers;
    const opening = openChannel(peers);
    await expect.poll(() => peers.b.signalingState === "stable" && answered).toBe(true);
    peers.a.restartIce();
    peers.b.restartIce();
    const [near, far] = await opening;
    await echo(near, far, "after");
    expect((await peers.a.getStats()).attempts).toBe(1);
  });

  it("that finds no path either ends as silence does", async () => {
    await using path = await UdpPath.create();
    const end = {
      hostAddresses: ["127.0.0.1"],
      disconnectedTimeoutMs: 500,
      failedTimeoutMs: 1500,
      pathTimeoutMs: 1000,
    };
    const run = recorded({ a: end, b: end, rewrite: path.rewrite });
    await using peers = run.peers;
    await openChannel(peers);
    // A second later it has failed.
    const disconnected = new Promise<void>((resolve) => {
      peers.a.on("connectionstatechange", (state) => {
        if (state === "disconnected") resolve();
      });
    });
    path.filter = () => false;
    await disconnected;
    peers.a.restartIce();
    expect((await peers.a.closed).error?.code).toBe("connection_failed");
    expect((await peers.b.closed).error?.code).toBe("connection_failed");
  });

  it("ignores candidates of the time before", async () => {
    const run = recorded();
    await using peers = run.peers;
    const [near, far] = await openChannel(peers);
    const ufrag = value(run.sent.find(({ from }) => from === "alice")?.description, "a=ice-ufrag:");
    peers.a.restartIce();
    await settled(run, 2);
    peers.signaling[1].inject({
      kind: "candidate",
      candidate: {
        candidate: "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
        sdpMid: "0",
        usernameFragment: ufrag ?? "",
      },
    });
    await echo(near, far, "after");
    const { transport } = await peers.b.getStats();
    expect(transport.remote?.port).not.toBe(9);
  });

  it("has nothing to do before there is a remote, and is refused after the end", async () => {
    const run = recorded();
    const { peers } = run;
    peers.a.restartIce();
    const [near, far] = await openChannel(peers);
    await echo(near, far, "first");
    expect(run.sent.map(({ description }) => description.type)).toEqual(["offer", "answer"]);
    await peers[Symbol.asyncDispose]();
    expect(() => {
      peers.a.restartIce();
    }).toThrow(expect.objectContaining({ code: "closed" }));
  });
});
