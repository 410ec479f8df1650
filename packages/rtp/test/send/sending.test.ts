import { describe, expect, it } from "vitest";
import { parseVp8 } from "../../src/payload/vp8-parse.js";
import { audioChunk, audioSender, videoChunk, videoSender } from "../link/call.js";
import { Random } from "../link/random.js";
import { Solo } from "../link/solo.js";

const random = new Random(1);

describe("a sender of audio", () => {
  it("sends a chunk as one packet, 960 ticks for 20 ms", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(audioSender);
    const chunks = Array.from({ length: 50 }, (_, index) => audioChunk(random, index));
    for (const chunk of chunks) sender.send(chunk, (solo.now += 20));
    expect(solo.rtp.map(({ payload }) => [...payload])).toEqual(
      chunks.map(({ data }) => [...data]),
    );
    const [first] = solo.rtp;
    for (const [index, packet] of solo.rtp.entries()) {
      expect(packet.timestamp).toBe(((first?.timestamp ?? 0) + 960 * index) >>> 0);
      expect(packet.sequenceNumber).toBe((first?.sequenceNumber ?? 0) + index);
      expect(packet).toMatchObject({ ssrc: audioSender.ssrc, payloadType: 111 });
    }
    expect(first?.sequenceNumber).toBeLessThan(0x8000);
  });

  it("marks the first packet after silence", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(audioSender);
    for (const index of [0, 1, 2, 22, 23]) sender.send(audioChunk(random, index), index * 20);
    expect(solo.rtp.map(({ marker }) => marker)).toEqual([true, false, false, true, false]);
  });

  it("takes the length of a packet from the packet when the chunk does not say it", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(audioSender);
    for (const index of [0, 1, 3]) {
      sender.send({ ...audioChunk(random, index), duration: 0 }, index * 20);
    }
    expect(solo.rtp.map(({ marker }) => marker)).toEqual([true, false, true]);
  });

  it("refuses a chunk without data", () => {
    const sender = new Solo().session.addSender(audioSender);
    const chunk = { ...audioChunk(random, 0), data: new Uint8Array(0) };
    expect(() => {
      sender.send(chunk, 0);
    }).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});

describe("a sender of video", () => {
  it("cuts a frame into packets of one timestamp, the last with the marker", () => {
    const solo = new Solo();
    const sender = solo.session.addSender({ ...videoSender, maxPayloadBytes: 500 });
    const chunk = videoChunk(random, 0, "key", 2_000);
    sender.send(chunk, 0);
    expect(solo.rtp).toHaveLength(5);
    expect(solo.rtp.map(({ marker }) => marker)).toEqual([false, false, false, false, true]);
    expect(new Set(solo.rtp.map(({ timestamp }) => timestamp)).size).toBe(1);
    for (const { payload } of solo.rtp) expect(payload.length).toBeLessThanOrEqual(500);
    const parts = solo.rtp.map(({ payload }) => payload.subarray(parseVp8(payload)?.headerBytes));
    expect(Buffer.concat(parts).equals(chunk.data)).toBe(true);
  });

  it("counts frames by picture id", () => {
    const solo = new Solo();
    const sender = solo.session.addSender(videoSender);
    for (let index = 0; index < 3; index += 1) {
      sender.send(videoChunk(random, index, "delta", 50), index * 33);
    }
    const ids = solo.rtp.map(({ payload }) => parseVp8(payload)?.pictureId ?? Number.NaN);
    expect(ids.map((id) => id - (ids[0] ?? 0))).toEqual([0, 1, 2]);
  });

  it("goes on in time and number where the wire goes round", () => {
    const solo = new Solo(1, { randomUint32: () => 0xffff_ffff });
    const sender = solo.session.addSender(videoSender);
    for (let index = 0; index < 3; index += 1) {
      sender.send(videoChunk(random, index * 30, "delta", 50), index * 1_000);
    }
    expect(solo.rtp.map(({ timestamp }) => timestamp)).toEqual([0xffff_ffff, 89_999, 179_999]);
    expect(solo.rtp.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0x7fff, 0x8000, 0x8001]);
    expect(solo.rtp.map(({ payload }) => parseVp8(payload)?.pictureId)).toEqual([0, 1, 2]);
  });

  it("names its media section while it is told to", () => {
    const solo = new Solo();
    const sender = solo.session.addSender({ ...videoSender, mid: { extensionId: 4, value: "v1" } });
    sender.send(videoChunk(random, 0, "key", 50), 0);
    sender.update({ payloadType: 100 });
    sender.send(videoChunk(random, 1, "delta", 50), 33);
    sender.update({ mid: undefined });
    sender.send(videoChunk(random, 2, "delta", 50), 66);
    const mids = solo.rtp.map(({ extensions }) => Buffer.from(extensions.get(4) ?? []).toString());
    expect(mids).toEqual(["v1", "v1", ""]);
    expect(solo.rtp.map(({ payloadType }) => payloadType)).toEqual([96, 100, 100]);
    expect(sender.stats().mid).toBeUndefined();
  });

  it("counts what it sends", () => {
    const solo = new Solo();
    const sender = solo.session.addSender({ ...videoSender, mid: { extensionId: 1, value: "0" } });
    sender.send(videoChunk(random, 0, "key", 3_000), 0);
    sender.send(videoChunk(random, 1, "delta", 100), 33);
    const payloads = solo.rtp.map(({ payload }) => payload.length);
    const headers = solo.rtp.map(({ headerBytes }) => headerBytes);
    expect(sender.stats()).toMatchObject({
      kind: "video",
      mid: "0",
      ssrc: videoSender.ssrc,
      packetsSent: 4,
      framesSent: 2,
      keyFramesSent: 1,
      bytesSent: payloads.reduce((sum, bytes) => sum + bytes, 0),
      headerBytesSent: headers.reduce((sum, bytes) => sum + bytes, 0),
      retransmittedPacketsSent: 0,
    });
  });
});

const ticks = (sent: readonly (readonly [sourceUs: number, now: number])[]): number[] => {
  const solo = new Solo();
  const sender = solo.session.addSender(videoSender);
  for (const [timestamp, now] of sent) {
    sender.send({ ...videoChunk(random, 0, "delta", 50), timestamp }, now);
  }
  const [first] = solo.rtp;
  return solo.rtp.map(({ timestamp }) => (timestamp - (first?.timestamp ?? 0)) | 0);
};

describe("the media clock of a sender", () => {
  it("is exact for times of day in µs", () => {
    const start = 1_767_225_600_000_000;
    expect(ticks([0, 33_333, 66_667, 100_000].map((us) => [start + us, us / 1_000]))).toEqual([
      0, 3_000, 6_000, 9_000,
    ]);
  });

  it("goes on by the time that passed when another source begins anew", () => {
    expect(
      ticks([
        [5_000_000, 0],
        [0, 40],
        [33_333, 73],
      ]),
    ).toEqual([0, 3_600, 6_600]);
  });

  it("goes on by the time that passed when another source is far ahead", () => {
    expect(
      ticks([
        [0, 0],
        [3_600_000_000, 40],
        [3_600_033_333, 73],
      ]),
    ).toEqual([0, 3_600, 6_600]);
  });

  it("follows a source that writes faster than time passes, and one that pauses", () => {
    expect(
      ticks([
        [0, 0],
        [1_000_000, 1],
        [2_000_000, 2],
      ]),
    ).toEqual([0, 90_000, 180_000]);
    expect(
      ticks([
        [0, 0],
        [60_000_000, 60_000],
      ]),
    ).toEqual([0, 5_400_000]);
  });
});
