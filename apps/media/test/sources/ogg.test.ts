import { readFile, writeFile } from "node:fs/promises";
import { encodeWav, OggOpusWriter } from "@conic/audio";
import type { EncodedChunk } from "@conic/domain";
import { collect, collectAll } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { openAudioSource } from "../../src/sources/audio.js";
import { failure } from "../support/failure.js";
import { openFiles } from "../support/open-files.js";
import { opus, receivedTone } from "../support/opus.js";
import { tempFolder } from "../support/temp-folder.js";

const path = tempFolder();

/** Writes so many packets of 20 ms; returns them and the bytes of the file. */
async function writeOgg(
  name: string,
  count: number,
): Promise<{ packets: Uint8Array[]; bytes: Uint8Array }> {
  const parts: Uint8Array[] = [];
  const sink = { write: (part: Uint8Array) => void parts.push(part.slice()) };
  const writer = new OggOpusWriter(sink, { numberOfChannels: 2 });
  const chunks = await receivedTone(count);
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
  const bytes = new Uint8Array(Buffer.concat(parts));
  await writeFile(path(name), bytes);
  return { packets: chunks.map(({ data }) => data), bytes };
}

function times(chunks: readonly EncodedChunk[]): number[] {
  return chunks.map(({ timestamp }) => timestamp);
}

describe("an Ogg file", () => {
  it("is sent as it is", async () => {
    const { packets } = await writeOgg("a.ogg", 120);
    const source = await openAudioSource({ ogg: path("a.ogg") }, opus);
    expect([source.description, source.numberOfChannels]).toEqual(["a.ogg, Opus, 2 channels", 2]);
    const chunks = await collectAll(source.packets());
    expect(chunks.map(({ data }) => data)).toEqual(packets);
    expect(times(chunks)).toEqual(packets.map((_, index) => index * 20_000));
    expect(await openFiles(path())).toBe(0);
  });

  it("starts again with --loop, with timestamps that go on", async () => {
    const { packets } = await writeOgg("a.ogg", 3);
    const source = await openAudioSource({ ogg: path("a.ogg"), loop: true }, opus);
    const chunks = await collect(source.packets(), 8);
    expect(chunks.map(({ data }) => data)).toEqual(
      chunks.map((_, index) => packets[index % packets.length]),
    );
    expect(times(chunks)).toEqual(chunks.map((_, index) => index * 20_000));
    expect(await openFiles(path())).toBe(0);
  });

  it("that is truncated is played to its last whole page, then named", async () => {
    const { bytes } = await writeOgg("a.ogg", 120);
    await writeFile(path("a.ogg"), bytes.subarray(0, -10));
    const source = await openAudioSource({ ogg: path("a.ogg") }, opus);
    const chunks: EncodedChunk[] = [];
    const playing = (async () => {
      for await (const chunk of source.packets()) chunks.push(chunk);
    })();
    expect(await failure(playing)).toMatchObject({
      code: "invalid_data",
      message: expect.stringMatching(/a\.ogg: the file ends in .* \(at byte \d+\)$/) as string,
    });
    expect(chunks.length).toBeGreaterThan(60);
    expect(await openFiles(path())).toBe(0);
  });

  it("that is a WAV file is refused with one line", async () => {
    const samples = new Float32Array(48_000);
    await writeFile(path("a.ogg"), encodeWav([samples], { channels: 1, sampleRate: 48_000 }));
    const { message } = await failure(openAudioSource({ ogg: path("a.ogg") }, opus));
    expect(message).toMatch(/a\.ogg: [^\n]+ \(at byte 0\)$/);
    expect((await readFile(path("a.ogg"))).length).toBe(96_044);
  });
});
