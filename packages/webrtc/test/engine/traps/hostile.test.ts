import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

  /** What the application is told; a packet that is none of SCTP's is dropped without a word. */
  const told: Readonly<Record<string, readonly string[]>> = {
    "channel acknowledgement for an unknown stream": ["an ACK on a stream without a channel"],
    "message of an unknown kind on an open channel": ["a message of an unknown kind"],
    "partial message of an old stack": ["a message of an unknown kind"],
    "chunk of an unknown type": ["a chunk of unknown type 64"],
    "data chunk that is cut short": ["a DATA chunk that is cut short"],
  };

  it.each(Object.entries(attacks))(
    "survives this of its remote, says so and goes on: %s",
    async (name, attack) => {
      await using peers = createBareRemote({}, (channel) => {
        channel.onMessage.subscribe((data) => {
          channel.send(data);
        });
      });
      const faults: string[] = [];
      peers.ours.on("fault", ({ message }) => {
        faults.push(message);
      });
      const channel = peers.ours.createDataChannel("chat");
      await channel.opened;
      channel.send("are you there?");
      expect(await next(channel)).toBe("are you there?");
      const association = peers.remote.sctpTransport?.sctp;
      if (association === undefined) throw new Error("not connected");
      await attack(association);
      channel.send("are you still there?");
      expect(await next(channel)).toBe("are you still there?");
      expect(faults.map((fault) => fault.replace(/ was ignored$/, ""))).toEqual(told[name] ?? []);
      expect(peers.ours.connectionState).toBe("connected");
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
