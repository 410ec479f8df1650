import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RTCDataChannel } from "werift";
import { createBareRemote } from "../../bare-remote.js";
import { attacks } from "../../fixtures/attacks.mjs";
import { failOnLeaks } from "@conic/internal-testing";
import { next } from "../../peers.js";

const closedAtOnce = "channel closed by the remote at once";
const throwing = "listener that throws";

const run = promisify(execFile);
const victim = fileURLToPath(new URL("../../fixtures/bare-victim.mjs", import.meta.url));

/** How a process with werift alone ends after this attack. */
async function bareOutcome(attack: string): Promise<string> {
  try {
    return (await run(process.execPath, [victim, attack])).stdout;
  } catch {
    return "died";
  }
}

describe("werift alone", () => {
  it("ends the process for a packet of the remote, a fast close or a listener that throws", async () => {
    expect(await bareOutcome("nothing")).toBe("survived");
    const names = [...Object.keys(attacks), closedAtOnce, throwing];
    const survived: string[] = [];
    // Two at a time: each is a process that makes keys.
    for (let at = 0; at < names.length; at += 2) {
      const pair = names.slice(at, at + 2);
      const outcomes = await Promise.all(pair.map(bareOutcome));
      survived.push(...pair.filter((_, index) => outcomes[index] !== "died"));
    }
    expect(survived).toEqual([]);
  });
});

describe("a connection of ours", () => {
  failOnLeaks();
  let unhandled: unknown[];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeEach(() => {
    unhandled = [];
    process.on("unhandledRejection", note);
    process.on("uncaughtException", note);
  });
  afterEach(() => {
    process.off("unhandledRejection", note);
    process.off("uncaughtException", note);
  });

  it.each(Object.entries(attacks))(
    "survives this of its remote and says so: %s",
    async (_, attack) => {
      let echo: RTCDataChannel | undefined;
      await using peers = createBareRemote({}, (channel) => {
        echo = channel;
        channel.onMessage.subscribe((data) => {
          channel.send(data);
        });
      });
      const faults: string[] = [];
      peers.ours.on("fault", ({ code }) => {
        faults.push(code);
      });
      const channel = peers.ours.createDataChannel("chat");
      await channel.opened;
      const association = peers.remote.sctpTransport?.sctp;
      if (association === undefined || echo === undefined) throw new Error("not connected");
      void attack(association);
      await expect.poll(() => faults.length, { timeout: 5000 }).toBeGreaterThan(0);
      expect(new Set(faults)).toEqual(new Set(["internal"]));
      expect(peers.ours.connectionState).toBe("connected");
      expect(unhandled).toEqual([]);
    },
  );

  it.each(["wrong checksum", "chunk of an unknown type", "packet that is too short"])(
    "still carries messages after this: %s",
    async (name) => {
      await using peers = createBareRemote({}, (channel) => {
        channel.onMessage.subscribe((data) => {
          channel.send(data);
        });
      });
      const channel = peers.ours.createDataChannel("chat");
      await channel.opened;
      const association = peers.remote.sctpTransport?.sctp;
      if (association !== undefined) await attacks[name]?.(association);
      channel.send("are you still there?");
      expect(await next(channel)).toBe("are you still there?");
      expect(unhandled).toEqual([]);
    },
  );

  it("survives a remote that closes a new channel at once, and takes the next one", async () => {
    let seen = 0;
    await using peers = createBareRemote({}, (channel) => {
      seen += 1;
      if (seen === 1) channel.close();
    });
    const first = peers.ours.createDataChannel("first");
    await first.closed;
    const second = peers.ours.createDataChannel("second");
    await second.opened;
    expect(peers.ours.connectionState).toBe("connected");
    await delay(100);
    expect(unhandled).toEqual([]);
  });
});
