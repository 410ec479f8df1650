import { setTimeout as delay } from "node:timers/promises";
import { failOnLeaks, seededRandom, type RandomSource } from "@conic/internal-testing";
import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { AudioTrack, type DataChannel, type PeerConnection } from "../../src/index.js";
import { createPeers } from "../peers.js";
import { opusPacket } from "../media/chunks.js";

/** `CONIC_MOMENTS=50` is fifty times as many runs. */
const runs = 40 * Number(process.env["CONIC_MOMENTS"] ?? 1);
const first = Number(process.env["CONIC_MOMENTS_SEED"] ?? 1);
const together = 4;

/** Ignores what a connection that ends throws; nothing else may be thrown. */
function allowed(error: unknown): void {
  if (!(error instanceof ConicError) || error.code === "internal") throw error;
}

/** What an end may be an answer to, besides the passing of time. */
type Cue = "nothing" | "connected" | "channel" | "message" | "track";
const cues: readonly Cue[] = ["nothing", "nothing", "connected", "channel", "message", "track"];

function pick<T>(items: readonly T[], random: RandomSource): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** Takes and drops what comes. */
async function drain(peer: PeerConnection, heard: (cue: Cue) => void): Promise<void> {
  peer.on("connectionstatechange", (state) => {
    if (state === "connected") heard("connected");
  });
  const eat = async (channel: DataChannel): Promise<void> => {
    for await (const message of channel) {
      void message;
      heard("message");
    }
  };
  const channels = async (): Promise<void> => {
    for await (const channel of peer.dataChannels()) {
      void eat(channel).catch(allowed);
      heard("channel");
    }
  };
  const tracks = async (): Promise<void> => {
    for await (const track of peer.tracks()) {
      heard("track");
      for await (const chunk of track) void chunk;
    }
  };
  await Promise.all([channels(), tracks()]).catch(allowed);
}

/** What an application may do at any time, in whatever order. */
function act(peer: PeerConnection, channels: DataChannel[], random: RandomSource): void {
  const actions: readonly (() => void)[] = [
    () => channels.push(peer.createDataChannel("more", { ordered: random() < 0.5 })),
    () => pick(channels, random)?.send(new Uint8Array(1 + Math.floor(random() * 60_000))),
    () => pick(channels, random)?.send("text"),
    () => void pick(channels, random)?.close().catch(allowed),
    () => pick(channels, random)?.abort(new ConicError("internal", "on purpose")),
    () => {
      const track = new AudioTrack();
      peer.addTrack(track);
      track.write(opusPacket(0));
    },
    () => {
      const sender = pick(peer.senders(), random);
      if (sender !== undefined) peer.removeTrack(sender);
    },
    () => peer.restartIce(),
    () => void peer.getStats(),
  ];
  try {
    pick(actions, random)?.();
  } catch (error) {
    allowed(error);
  }
}

async function live(seed: number): Promise<void> {
  const random = seededRandom(seed);
  await using peers = createPeers();
  const faults: ConicError[] = [];
  const all = [peers.a, peers.b];
  for (const peer of all) {
    peer.connected.catch(() => undefined);
    peer.on("fault", (error) => faults.push(error));
    const cue = pick(cues, random);
    void drain(peer, (heard) => {
      if (heard === cue) peer.abort(new ConicError("connection_failed", "on cue"));
    });
  }
  const held = all.map((): DataChannel[] => []);
  held[0]?.push(peers.a.createDataChannel("first"));
  // A connection takes about 100 ms; small steps, many of them, meet the moments between two packets.
  const steps = Math.floor(random() * 60);
  for (let step = 0; step < steps; step += 1) {
    const side = random() < 0.5 ? 0 : 1;
    act(all[side] as PeerConnection, held[side] as DataChannel[], random);
    if (random() < 0.8) await delay(random() * 8);
  }
  const [one, other] = random() < 0.5 ? [peers.a, peers.b] : [peers.b, peers.a];
  if (random() < 0.5) one.abort(new ConicError("connection_failed", "on purpose"));
  else await one.close();
  if (random() < 0.5) await delay(random() * 20);
  if (random() < 0.5) other.abort(new ConicError("connection_failed", "on purpose"));
  else await other.close();
  await Promise.all(all.map((peer) => peer.closed));
  expect(all.map(({ connectionState }) => connectionState)).toEqual(["closed", "closed"]);
  for (const channel of held.flat()) await channel.closed;
  const internal = faults.filter(({ code }) => code === "internal");
  expect(internal.map(({ message, cause }) => [message, cause])).toEqual([]);
}

describe("an end at any moment of a busy connection", () => {
  failOnLeaks();

  for (let seed = first; seed < first + runs; seed += together) {
    it(`leaves nothing behind: seeds ${seed} to ${seed + together - 1}`, async () => {
      const seeds = Array.from({ length: together }, (_, index) => seed + index);
      await Promise.all(seeds.map(live));
    });
  }
});
