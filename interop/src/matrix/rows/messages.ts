import { expect } from "vitest";
import { exchange, expectSame } from "../check.js";
import type { Message } from "../sides/side.js";
import type { Rows } from "../row.js";

/** Bytes that differ from message to message, without a random source: a failure is the same each time. */
function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 2_654_435_761;
  for (let i = 0; i < length; i += 1) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

function patterns(count: number, length: number): readonly Message[] {
  return Array.from({ length: count }, (_, i) => pattern(length, i));
}

export const messageRows: Rows<
  | "text in any script"
  | "binary"
  | "empty text and empty binary"
  | "the largest message"
  | "2,000 messages of 16 bytes, in order"
  | "4 MB"
> = {
  "text in any script": async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    const texts = [
      "hello",
      "日本語",
      "e\u0301",
      "\u{1f600}\u{1f469}\u200d\u{1f680}",
      "\u0000",
      "ÿ",
    ];
    await exchange(ours, theirs, texts);
  },

  binary: async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    const allBytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await exchange(ours, theirs, [allBytes, Uint8Array.of(0), pattern(1_200, 1)]);
  },

  "empty text and empty binary": async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    await exchange(ours, theirs, ["", new Uint8Array(0), "still works", "", "", Uint8Array.of(7)]);
  },

  "the largest message": async ({ scene, maxMessageBytes }) => {
    const [ours, theirs] = await scene.connect();
    await exchange(ours, theirs, [pattern(maxMessageBytes, 1), "x".repeat(maxMessageBytes)]);
    const tooLarge = ours.send(pattern(maxMessageBytes + 1, 2));
    await expect(tooLarge).rejects.toMatchObject({ code: "too_large" });
    await exchange(ours, theirs, ["and the channel goes on"]);
  },

  "2,000 messages of 16 bytes, in order": async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    await exchange(ours, theirs, patterns(2_000, 16));
  },

  "4 MB": async ({ scene }) => {
    const [ours, theirs] = await scene.connect();
    const messages = patterns(64, 65_536);
    // Both ways at once.
    const [atTheirs, atOurs] = await Promise.all([
      theirs.receive(messages.length),
      ours.receive(messages.length),
      ours.send(...messages),
      theirs.send(...messages),
    ]);
    expectSame(atTheirs, messages);
    expectSame(atOurs, messages);
  },
};
