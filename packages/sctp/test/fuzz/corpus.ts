import { readFileSync } from "node:fs";

/** Packets that were sent in the suites, and some that were made to hurt: one a line, in hex, `#` before remarks. */
export function readCorpus(): readonly Uint8Array[] {
  const text = readFileSync(new URL("../corpus/packets.hex", import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => new Uint8Array(Buffer.from(line, "hex")));
}
