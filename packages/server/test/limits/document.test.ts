import { readFileSync } from "node:fs";
import { defaultStreamLimits } from "@conic/transport";
import { describe, expect, it } from "vitest";
import { defaultLimits, defaultUnlimitedAddresses } from "../../src/limits/options.js";
import { resolveOptions } from "../../src/options.js";

const document = readFileSync(new URL("../../../../docs/limits.md", import.meta.url), "utf8");

/** The third column of the tables, by the option in the first. */
const documented = new Map(
  document
    .split("\n")
    // Of options: what others are in the document has two columns behind the name.
    .filter((line) => line.startsWith("| `") && line.split("|").length === 6)
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")))
    .map(([, option = "", , byDefault = ""]) => [option, byDefault] as const),
);

/** Of the HTTP server, which is the program's. */
const ofTheProgram = ["handshakeTimeoutMs", "maxHeaderBytes"];

const { roomLimits, resume, registerTimeoutMs, maxFrameBytes } = resolveOptions({});

describe("docs/limits.md", () => {
  it("has the defaults of the code, of every limit", () => {
    const stream = Object.entries({ ...defaultStreamLimits, maxFrameBytes }).map(
      ([name, value]) => [`limits.${name}`, value] as const,
    );
    const values = new Map<string, unknown>([
      ...Object.entries(defaultLimits),
      ...Object.entries(roomLimits),
      ...Object.entries(resume),
      ...stream,
      ["registerTimeoutMs", registerTimeoutMs],
      ["maxConnections", 10_000],
      ["unlimitedAddresses", defaultUnlimitedAddresses.join(",")],
      ["trustedProxies", ""],
    ]);
    for (const [option, byDefault] of documented) {
      if (ofTheProgram.includes(option)) continue;
      expect([option, byDefault.replaceAll(" ", "")]).toEqual([option, String(values.get(option))]);
    }
    for (const option of [...Object.keys(defaultLimits), ...Object.keys(roomLimits)]) {
      expect(documented.has(option)).toBe(true);
    }
    for (const option of [...Object.keys(resume), ...stream.map(([name]) => name)]) {
      expect(document).toContain(option);
    }
  });
});
