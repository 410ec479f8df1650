import { isConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { decodeWav, readWav } from "../../src/index.js";
import { badCases, validCases } from "../support/cases.js";
import { cut, outcome, planarOf } from "../support/read.js";

describe("the 41 files that other libraries disagree about", () => {
  it("are all here", () => {
    const names = [...validCases, ...badCases].map(({ name }) => name);
    expect(new Set(names).size).toBe(41);
    expect(names.length).toBe(41);
  });

  describe.each(validCases)("$name", (item) => {
    it("decodes to the right format and samples", () => {
      const { info, summary, channelData } = decodeWav(item.file);
      const frames = item.expected[0]?.length ?? 0;
      expect(info.container).toBe(item.container);
      expect(info.format).toMatchObject({ sampleRate: 48_000, ...item.format });
      expect(info.frames).toBe(item.declaredFrames);
      expect(summary).toMatchObject({
        frames,
        truncated: item.truncated,
        partialFrameBytes: item.partialFrameBytes,
      });
      expect(channelData.map((channel) => [...channel])).toEqual(
        item.expected.map((channel) => channel.map(Math.fround)),
      );
    });

    it.each([1, 3, 7, 64, 1000])("reads the same in pieces of %i bytes", async (size) => {
      const whole = decodeWav(item.file);
      const reader = await readWav(cut(item.file, size));
      expect(reader.info).toEqual(whole.info);
      expect(await planarOf(reader)).toEqual(whole.channelData);
      expect(reader.summary).toEqual(whole.summary);
    });
  });

  describe.each(badCases)("$name", ({ file, code, byteOffset, message }) => {
    it("is refused with the offset of what is wrong", () => {
      const result = outcome(() => decodeWav(file));
      expect(isConicError(result, code)).toBe(true);
      expect(result).toMatchObject({ details: { byteOffset } });
      expect(String(result)).toMatch(message);
    });

    it.each([1, 3, 7, 64])("is refused the same way in pieces of %i bytes", async (size) => {
      const result = readWav(cut(file, size));
      await expect(result).rejects.toMatchObject({ code, details: { byteOffset } });
      await expect(result).rejects.toThrow(message);
    });
  });
});
