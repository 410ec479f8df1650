import { readFileSync } from "node:fs";
import { parseCommandLine } from "@conic/internal-cli";
import { createSignalingServer, defaultLimits, defaultUnlimitedAddresses } from "@conic/server";
import { describe, expect, it } from "vitest";
import { addressFlags, connectionFlags, serverFlags } from "../../src/limits/flags.js";
import { defaultHttpLimits, readHttpLimits, readLimits } from "../../src/limits/read.js";
import { helpText, readCommand } from "../../src/options.js";

const flags = { ...connectionFlags, ...addressFlags, ...serverFlags };
const document = readFileSync(new URL("../../../../docs/limits.md", import.meta.url), "utf8");

interface Row {
  readonly option: string;
  readonly flag: string;
  readonly byDefault: string;
  readonly atTheLimit: string;
}

/** The rows of the tables of docs/limits.md. */
const rows = document
  .split("\n")
  // Of options: what others are in the document has two columns behind the name.
  .filter((line) => line.startsWith("| `") && line.split("|").length === 6)
  .map((line): Row => {
    const [, option = "", flag = "", byDefault = "", atTheLimit = ""] = line
      .split("|")
      .map((cell) => cell.trim().replaceAll("`", ""));
    return { option, flag, byDefault, atTheLimit };
  });

/** As it is written in the document: 65536 is 65 536. */
function written(value: number | string): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, " ");
}

describe("docs/limits.md", () => {
  it("has every flag for a limit, each in one row, with its default", () => {
    const documented = rows.filter(({ flag }) => flag.startsWith("--"));
    expect(documented.map(({ flag }) => flag).toSorted()).toEqual(
      Object.keys(flags)
        .map((name) => `--${name}`)
        .toSorted(),
    );
    for (const [name, flag] of Object.entries(flags)) {
      const row = documented.find((one) => one.flag === `--${name}`);
      if (!("default" in flag)) continue;
      const shown = typeof flag.default === "number" ? written(flag.default) : flag.default;
      expect([name, row?.byDefault]).toEqual([name, shown]);
    }
  });

  it("has every option of the server that is a limit, with its default", () => {
    for (const [name, value] of Object.entries(defaultLimits)) {
      const row = rows.find(({ option }) => option === name);
      expect([name, row?.byDefault]).toEqual([name, written(value)]);
    }
  });

  it("names flags as the options, in kebab-case", () => {
    for (const { option, flag } of rows) {
      if (!flag.startsWith("--")) continue;
      const kebab = option
        .replace(/^limits\./, "")
        .replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const singular = {
        "--unlimited-address": "unlimited-addresses",
        "--trusted-proxy": "trusted-proxies",
      }[flag];
      expect(singular ?? flag.slice(2)).toBe(kebab);
    }
  });

  it("says of every limit what happens there", () => {
    expect(rows).toHaveLength(30);
    for (const { option, atTheLimit } of rows)
      expect([option, atTheLimit]).not.toEqual([option, ""]);
  });
});

describe("flags of limits", () => {
  const { values } = parseCommandLine(flags, [], {});

  it("have the defaults of the server", () => {
    const read = readLimits(values);
    const { maxByteBurst, ...others } = defaultLimits;
    expect(read).toMatchObject(others);
    // It grows with the largest frame: the server knows.
    expect(read).not.toHaveProperty("maxByteBurst");
    expect(flags["max-byte-burst"].help).toContain(String(maxByteBurst));
    expect(read.unlimitedAddresses).toEqual(defaultUnlimitedAddresses);
    expect(read.trustedProxies).toEqual([]);
    expect(readHttpLimits(values)).toEqual(defaultHttpLimits);
  });

  it("are in the help, with a variable each", () => {
    const text = helpText();
    for (const [name, { env }] of Object.entries(flags)) {
      expect(text).toContain(`--${name}=`);
      expect(env).toBe(`CONIC_${name.toUpperCase().replaceAll("-", "_")}`);
      expect(text).toContain(env);
    }
  });

  it("reach the server, each its own option, from the command line and from variables", () => {
    const given = Object.entries(flags).map(([name, flag], i) => {
      return [name, flag.type === "number" ? String(flag.min + i) : `10.0.0.${i}`] as const;
    });
    const argv = given.map(([name, value]) => `--${name}=${value}`);
    const env = Object.fromEntries(
      given.map(([name, value]) => [`CONIC_${name.toUpperCase().replaceAll("-", "_")}`, value]),
    );
    const fromArgv = readCommand(argv, {});
    expect(readCommand([], env)).toEqual(fromArgv);
    if (fromArgv.kind !== "serve") throw new Error(fromArgv.kind);
    const { options } = fromArgv;
    for (const { option, flag } of rows) {
      const value = given.find(([name]) => `--${name}` === flag)?.[1];
      if (value === undefined) continue;
      const all = { ...options, ...options.httpLimits, ...options.limits } as unknown as Record<
        string,
        unknown
      >;
      const got = all[option.replace(/^limits\./, "")];
      expect([option, got]).toEqual([option, Array.isArray(got) ? [value] : Number(value)]);
    }
  });

  it("may be repeated where they are lists", () => {
    const command = readCommand(
      ["--trusted-proxy=10.0.0.0/8", "--trusted-proxy=::1,192.0.2.1"],
      {},
    );
    expect(command).toMatchObject({
      options: { trustedProxies: ["10.0.0.0/8", "::1", "192.0.2.1"] },
    });
  });

  it.each([
    ["--max-message-burst=0"],
    ["--max-messages-per-second=-1"],
    ["--max-header-bytes=100"],
    ["--max-room-members=0"],
  ])("%s is refused", (flag) => {
    expect(() => readCommand([flag], {})).toThrow(
      expect.objectContaining({ exitCode: 2 }) as Error,
    );
  });

  it.each([
    ["--trusted-proxy=everybody"],
    ["--unlimited-address=10.0.0.0/99"],
    ["--max-byte-burst=65535"],
    ["--max-room-members=100000"],
  ])("%s is refused by the server", (flag) => {
    const command = readCommand([flag], {});
    if (command.kind !== "serve") throw new Error(command.kind);
    const { options } = command;
    expect(() => createSignalingServer({ ...options })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });
});
