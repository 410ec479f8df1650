import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deferred } from "@conic/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeWav, encodeWav, fileSink, WavWriter, type WavSink } from "../../src/index.js";
import { outcome } from "../support/read.js";

const spec = { channels: 2, sampleRate: 48_000 };
const frame = Float32Array.of(0.5, -0.5);

/** A file in memory, with or without a way back. */
class Memory implements WavSink {
  bytes: number[] = [];
  readonly writes: number[] = [];

  write(bytes: Uint8Array): void {
    this.writes.push(bytes.length);
    for (const byte of bytes) this.bytes.push(byte);
  }

  get file(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

class SeekableMemory extends Memory {
  overwrite(bytes: Uint8Array, position: number): void {
    for (const [index, byte] of bytes.entries()) this.bytes[position + index] = byte;
  }
}

const invalid: unknown = expect.objectContaining({ code: "invalid_argument" });

describe("a file whose length is not known in advance", () => {
  it("gets its sizes at the end, where the sink can seek", async () => {
    const sink = new SeekableMemory();
    const writer = new WavWriter(sink, spec);
    await writer.write(frame);
    await writer.write([Float32Array.of(0.25, 0.125), Float32Array.of(-0.25, -0.125)]);
    expect(writer.frames).toBe(3);
    const summary = await writer.close();
    expect(summary).toMatchObject({ container: "RIFF", frames: 3, dataBytes: 12, fileBytes: 92 });
    expect(sink.file.length).toBe(92);
    const { info, channelData } = decodeWav(sink.file);
    expect(info).toMatchObject({ container: "RIFF", dataBytes: 12, dataOffset: 80 });
    expect(channelData.map((channel) => [...channel])).toEqual([
      [0.5, 0.25, 0.125],
      [-0.5, -0.25, -0.125],
    ]);
  });

  it("can be read to its end when the writer never came to its own", async () => {
    const sink = new SeekableMemory();
    const writer = new WavWriter(sink, spec);
    await writer.write(frame);
    const { info, summary } = decodeWav(sink.file);
    expect(info.dataBytes).toBeUndefined();
    expect(summary).toMatchObject({ frames: 1, truncated: false });
  });

  it("says that it was streamed, where the sink cannot seek, and has no pad byte", async () => {
    const sink = new Memory();
    const writer = new WavWriter(sink, { channels: 1, sampleRate: 8000, bitsPerSample: 8 });
    await writer.write(Float32Array.of(0.5));
    expect(await writer.close()).toMatchObject({ frames: 1, dataBytes: 1, fileBytes: 45 });
    expect(sink.file.length).toBe(45);
    expect(decodeWav(sink.file)).toMatchObject({
      info: { dataBytes: undefined },
      summary: { frames: 1, partialFrameBytes: 0 },
    });
  });

  it("may be empty", async () => {
    for (const sink of [new Memory(), new SeekableMemory()]) {
      expect(await new WavWriter(sink, spec).close()).toMatchObject({ frames: 0, dataBytes: 0 });
      expect(decodeWav(sink.file).summary.frames).toBe(0);
    }
  });

  it.each([8, 24])("is padded to an even length of %i-bit samples", async (bitsPerSample) => {
    const sink = new SeekableMemory();
    const writer = new WavWriter(sink, { channels: 1, sampleRate: 8000, bitsPerSample });
    await writer.write(Float32Array.of(0.5));
    const { fileBytes } = await writer.close();
    expect(fileBytes % 2).toBe(0);
    expect(sink.file.length).toBe(fileBytes);
    const riffBytes = new DataView(sink.file.buffer).getUint32(4, true);
    expect(riffBytes).toBe(fileBytes - 8);
    expect(decodeWav(sink.file).summary).toMatchObject({ frames: 1, dataBytes: bitsPerSample / 8 });
  });
});

describe("a file whose length is known in advance", () => {
  it("is the same, byte for byte, as the one made in memory, without seeking", async () => {
    const sink = new Memory();
    const writer = new WavWriter(sink, { ...spec, bitsPerSample: 8, channels: 1 }, { frames: 3 });
    await writer.write(Float32Array.of(0.5, -0.5));
    await writer.write(Float32Array.of(0.25));
    await writer.close();
    const whole = encodeWav(Float32Array.of(0.5, -0.5, 0.25), {
      ...spec,
      bitsPerSample: 8,
      channels: 1,
    });
    expect(sink.file).toEqual(whole);
  });

  it("takes as many frames and not one more", async () => {
    const writer = new WavWriter(new Memory(), spec, { frames: 2 });
    await writer.write(frame);
    await writer.write(frame);
    await expect(writer.write(frame)).rejects.toMatchObject({ code: "too_large" });
    expect(await writer.close()).toMatchObject({ frames: 2 });
  });

  it("is corrected when fewer came, or refused where the sink cannot seek", async () => {
    const seekable = new SeekableMemory();
    const first = new WavWriter(seekable, spec, { frames: 2 });
    await first.write(frame);
    expect(await first.close()).toMatchObject({ frames: 1, fileBytes: 48 });
    expect(decodeWav(seekable.file).summary).toMatchObject({ frames: 1, truncated: false });

    const second = new WavWriter(new Memory(), spec, { frames: 2 });
    await second.write(frame);
    await expect(second.close()).rejects.toMatchObject({ code: "invalid_state" });
  });
});

describe("a file that outgrows RIFF", () => {
  // Sizes of 16-bit stereo: 44 bytes of header, 36 more for a ds64 chunk.
  it("is RIFF at maxRiffBytes and RF64 one frame above, decided at the end", async () => {
    for (const [frames, container] of [
      [10, "RIFF"],
      [11, "RF64"],
    ] as const) {
      const sink = new SeekableMemory();
      const writer = new WavWriter(sink, spec, { maxRiffBytes: 80 - 8 + 40 });
      for (let count = 0; count < frames; count += 1) await writer.write(frame);
      expect(await writer.close()).toMatchObject({ container, frames, fileBytes: 80 + frames * 4 });
      const { info, summary } = decodeWav(sink.file);
      expect(info).toMatchObject({ container, frames });
      expect(summary.truncated).toBe(false);
    }
  });

  it("is RIFF at maxRiffBytes and RF64 one frame above, decided in advance", async () => {
    for (const [frames, container, headerBytes] of [
      [10, "RIFF", 44],
      [11, "RF64", 80],
    ] as const) {
      const sink = new Memory();
      const writer = new WavWriter(sink, spec, { frames, maxRiffBytes: 44 - 8 + 40 });
      await writer.write(new Float32Array(frames * 2));
      expect(await writer.close()).toMatchObject({ container });
      expect(decodeWav(sink.file).info).toMatchObject({
        container,
        frames,
        dataOffset: headerBytes,
      });
    }
  });

  it("stays readable when it was declared large and became small", async () => {
    const sink = new SeekableMemory();
    const writer = new WavWriter(sink, spec, { frames: 100, maxRiffBytes: 100 });
    await writer.write(frame);
    expect(await writer.close()).toMatchObject({ container: "RIFF", frames: 1 });
    expect(decodeWav(sink.file).info).toMatchObject({ container: "RIFF", frames: 1 });
  });
});

describe("what a writer does with samples", () => {
  it("counts those that it had to clip", async () => {
    const writer = new WavWriter(new Memory(), spec);
    await writer.write(Float32Array.of(1, -1, 1.01, -1.01, Infinity, -Infinity, Number.NaN, 0));
    expect((await writer.close()).clippedSamples).toBe(4);
  });

  it("hands them on in pieces of 256 KiB at most", async () => {
    const sink = new Memory();
    const writer = new WavWriter(sink, { ...spec, channels: 3 });
    await writer.write(new Float32Array(3 * 100_000));
    expect(Math.max(...sink.writes)).toBeLessThanOrEqual(256 * 1024);
    expect(sink.file.length).toBe(68 + 600_000);
  });

  it("takes raw frames as they are", async () => {
    const sink = new SeekableMemory();
    const writer = new WavWriter(sink, spec);
    await writer.writeRaw(Uint8Array.of(1, 2, 3, 4));
    await writer.close();
    expect(sink.bytes.slice(-4)).toEqual([1, 2, 3, 4]);
    await expect(new WavWriter(sink, spec).writeRaw(new Uint8Array(3))).rejects.toEqual(invalid);
  });

  it("refuses what are no whole frames", async () => {
    const writer = new WavWriter(new Memory(), spec);
    await expect(writer.write(new Float32Array(3))).rejects.toEqual(invalid);
    await expect(writer.write([frame])).rejects.toEqual(invalid);
    await expect(writer.write([frame, new Float32Array(1)])).rejects.toEqual(invalid);
    expect(await writer.close()).toMatchObject({ frames: 0 });
  });
});

describe("the life of a writer", () => {
  it("ends once: close() is idempotent, and nothing is taken afterwards", async () => {
    const sink = new SeekableMemory();
    const writer = new WavWriter(sink, spec);
    await writer.write(frame);
    const summary = await writer.close();
    expect(await writer.close()).toBe(summary);
    await writer[Symbol.asyncDispose]();
    await expect(writer.write(frame)).rejects.toMatchObject({ code: "closed" });
    expect(sink.file.length).toBe(summary.fileBytes);
  });

  it("is completed by disposal", async () => {
    const sink = new SeekableMemory();
    const writer = new WavWriter(sink, spec);
    await writer.write(frame);
    await writer[Symbol.asyncDispose]();
    expect(decodeWav(sink.file).info.frames).toBe(1);
  });

  it("takes one call at a time", async () => {
    const gate = deferred<undefined>();
    const writer = new WavWriter({ write: () => gate.promise }, spec);
    const first = writer.write(frame);
    await expect(writer.write(frame)).rejects.toMatchObject({ code: "invalid_state" });
    await expect(writer.close()).rejects.toMatchObject({ code: "invalid_state" });
    gate.resolve(undefined);
    await first;
    expect(await writer.close()).toMatchObject({ frames: 1 });
  });

  it("is over after an error of the sink, which passes unchanged", async () => {
    const full = new Error("no space left");
    const sink: WavSink = { write: () => Promise.reject(full) };
    const writer = new WavWriter(sink, spec);
    await expect(writer.write(frame)).rejects.toBe(full);
    await expect(writer.write(frame)).rejects.toMatchObject({ code: "closed", cause: full });
    await expect(writer.close()).rejects.toBe(full);
    await expect(writer[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  it("does not wait for the sink once it is aborted", async () => {
    const controller = new AbortController();
    const sink: WavSink = {
      write: (bytes) => (bytes.length > 44 ? new Promise(() => undefined) : undefined),
    };
    const writer = new WavWriter(sink, spec);
    const writing = writer.write(new Float32Array(1000), { signal: controller.signal });
    controller.abort();
    await expect(writing).rejects.toMatchObject({ code: "aborted" });
    await expect(writer.write(frame)).rejects.toMatchObject({ code: "closed" });
  });
});

describe("fileSink", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "conic-audio-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("writes and completes a file, and leaves its handle open", async () => {
    const path = join(directory, "a.wav");
    const handle = await open(path, "w");
    try {
      const writer = new WavWriter(fileSink(handle), spec);
      await writer.write(frame);
      const { fileBytes } = await writer.close();
      expect((await handle.stat()).size).toBe(fileBytes);
    } finally {
      await handle.close();
    }
    expect(decodeWav(await readFile(path)).info.frames).toBe(1);
  });

  it("goes on after short writes", async () => {
    const bytes: number[] = [];
    const sink = fileSink({
      write: (buffer, offset, length, position) => {
        const bytesWritten = Math.min(3, length);
        for (let i = 0; i < bytesWritten; i += 1) bytes[position + i] = buffer[offset + i] ?? 0;
        return Promise.resolve({ bytesWritten });
      },
    });
    const writer = new WavWriter(sink, spec);
    await writer.write(frame);
    await writer.close();
    expect(decodeWav(Uint8Array.from(bytes)).channelData.map(([value]) => value)).toEqual([
      0.5, -0.5,
    ]);
  });
});

const make = (more: object): unknown =>
  outcome(() => new WavWriter(new Memory(), { ...spec, ...more }).format.blockAlign);

describe("limits of what can be written", () => {
  it("is 65535 bytes per frame", () => {
    expect(make({ channels: 65_535, bitsPerSample: 8, sampleRate: 1 })).toBe(65_535);
    expect(make({ channels: 65_536, bitsPerSample: 8, sampleRate: 1 })).toEqual(invalid);
    expect(make({ channels: 32_767, sampleRate: 1 })).toBe(65_534);
    expect(make({ channels: 32_768, sampleRate: 1 })).toEqual(invalid);
    expect(make({ channels: 0 })).toEqual(invalid);
  });

  it("is 4294967295 bytes per second", () => {
    expect(make({ sampleRate: 1_073_741_823 })).toBe(4);
    expect(make({ sampleRate: 1_073_741_824 })).toEqual(invalid);
    expect(make({ sampleRate: 0 })).toEqual(invalid);
    expect(make({ sampleRate: 44_100.5 })).toEqual(invalid);
  });

  it("is the widths that each encoding has", () => {
    expect(make({ bitsPerSample: 12 })).toEqual(invalid);
    expect(make({ encoding: "float", bitsPerSample: 16 })).toEqual(invalid);
    expect(make({ encoding: "alaw", bitsPerSample: 16 })).toEqual(invalid);
    expect(make({ validBits: 12 })).toBe(4);
    expect(make({ validBits: 0 })).toEqual(invalid);
    expect(make({ validBits: 17 })).toEqual(invalid);
    expect(make({ encoding: "float", validBits: 24 })).toEqual(invalid);
  });

  it("is no more speakers than channels", () => {
    expect(make({ channelMask: 3 })).toBe(4);
    expect(make({ channelMask: 7 })).toEqual(invalid);
    expect(make({ channelMask: -1 })).toEqual(invalid);
  });

  it("is a number of frames, and a RIFF size, that are such", () => {
    for (const options of [
      { frames: -1 },
      { frames: 0.5 },
      { maxRiffBytes: 0xffffffff },
      { maxRiffBytes: -1 },
    ]) {
      expect(outcome(() => new WavWriter(new Memory(), spec, options))).toEqual(invalid);
    }
  });
});
