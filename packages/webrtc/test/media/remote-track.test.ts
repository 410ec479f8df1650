import type { ReceivedChunk } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { RemoteAudioTrack, RemoteVideoTrack } from "../../src/index.js";

function hostOf(kind: "audio" | "video", maxBufferedChunks: number) {
  const asked: number[] = [];
  const faults: unknown[] = [];
  return {
    asked,
    faults,
    host: {
      kind,
      id: "track",
      streamId: "stream",
      mid: "1",
      maxBufferedChunks,
      requestKeyFrame: () => void asked.push(asked.length),
      stats: () => undefined,
      captureTimeMs: () => undefined,
      fault: (error: unknown) => void faults.push(error),
    },
  };
}

function chunk(rtpTimestamp: number, type: "key" | "delta", lostBefore = 0): ReceivedChunk {
  const data = new Uint8Array(1);
  return { type, timestamp: 0, duration: 0, data, rtpTimestamp, lostBefore, receivedAtMs: 0 };
}

async function read(track: AsyncIterable<ReceivedChunk>): Promise<[number, number][]> {
  const chunks: [number, number][] = [];
  for await (const { rtpTimestamp, lostBefore } of track) chunks.push([rtpTimestamp, lostBefore]);
  return chunks;
}

describe("a remote track that nobody reads", () => {
  it("keeps as many chunks as it may, then only new ones, and says how many are missing", async () => {
    const { host } = hostOf("audio", 4);
    const track = new RemoteAudioTrack(host);
    for (let at = 0; at < 4; at += 1) track.push(chunk(at, "key"));
    expect(track.stats().chunksDiscarded).toBe(0);
    track.push(chunk(4, "key", 2));
    track.push(chunk(5, "key"));
    track.end();
    expect(await read(track)).toEqual([
      [4, 6],
      [5, 0],
    ]);
    expect(track.stats()).toMatchObject({ chunksReceived: 6, chunksDiscarded: 4, chunksLost: 2 });
  });

  it("asks for a key frame in video, and gives nothing before it", async () => {
    const { host, asked } = hostOf("video", 2);
    const track = new RemoteVideoTrack(host);
    track.push(chunk(0, "key"));
    for (let at = 1; at < 5; at += 1) track.push(chunk(at, "delta"));
    expect(asked).toHaveLength(1);
    track.push(chunk(5, "key"));
    track.push(chunk(6, "delta"));
    track.end();
    expect(await read(track)).toEqual([
      [5, 5],
      [6, 0],
    ]);
  });
});

describe("a remote track", () => {
  it("is muted until something comes, and tells every change once", () => {
    const { host } = hostOf("audio", 4);
    const track = new RemoteAudioTrack(host);
    const events: string[] = [];
    for (const type of ["mute", "unmute", "ended"] as const)
      track.on(type, () => void events.push(type));
    expect(track.muted).toBe(true);
    track.push(chunk(0, "key"));
    track.push(chunk(1, "key"));
    track.setMuted(true);
    track.push(chunk(2, "key"));
    track.end();
    track.end();
    track.push(chunk(3, "key"));
    expect(events).toEqual(["unmute", "mute", "unmute", "mute", "ended"]);
    expect(track.stats().chunksReceived).toBe(3);
  });

  it("survives a listener that throws", () => {
    const { host, faults } = hostOf("audio", 4);
    const track = new RemoteAudioTrack(host);
    track.on("unmute", () => {
      throw new Error("of the application");
    });
    track.push(chunk(0, "key"));
    expect(faults).toEqual([new Error("of the application")]);
  });
});
