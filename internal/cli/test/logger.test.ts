import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLogger, type LogFormat, type LogLevel } from "../src/index.js";

/** A logger and the next line that it writes. */
async function logger(format: LogFormat, level: LogLevel) {
  const stream = new PassThrough({ encoding: "utf8" });
  const lines = stream.iterator()[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  return { log: await createLogger({ format, level, stream }), stream, next };
}

describe("the logger for machines", () => {
  it("writes one JSON object a line: level, time, fields, message", async () => {
    const { log, next } = await logger("json", "debug");
    const before = Date.now();
    log.warn({ peer: "bob", bytes: 3 }, "refused");
    const line = await next();
    expect(line).toMatch(/^[^\n]+\n$/);
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(rest).toEqual({ level: 40, peer: "bob", bytes: 3, msg: "refused" });
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it("has the levels of pino", async () => {
    const { log, next } = await logger("json", "debug");
    for (const [name, level] of [
      ["debug", 20],
      ["info", 30],
      ["warn", 40],
      ["error", 50],
    ] as const) {
      log[name]({}, name);
      expect(JSON.parse(await next())).toMatchObject({ level, msg: name });
    }
  });

  it("knows which levels it writes", async () => {
    const { log } = await logger("json", "info");
    expect(log.isLevelEnabled?.("debug")).toBe(false);
    expect(log.isLevelEnabled?.("info")).toBe(true);
    expect(log.child({}).isLevelEnabled?.("debug")).toBe(false);
  });

  it("says where an error came from", async () => {
    const { log, next } = await logger("json", "info");
    log.error({ err: new TypeError("no") }, "stopping");
    const { err } = JSON.parse(await next()) as { err: Record<string, string> };
    expect(err).toMatchObject({ type: "TypeError", message: "no" });
    expect(err["stack"]).toContain("logger.test.ts");
  });

  it("adds the fields of a child to each of its lines, and to no other", async () => {
    const { log, next } = await logger("json", "info");
    log.child({ client: "a" }).child({ call: 1 }).info({ x: 2 }, "m");
    expect(JSON.parse(await next())).toMatchObject({ client: "a", call: 1, x: 2 });
    log.info({}, "m");
    expect(JSON.parse(await next())).not.toHaveProperty("client");
  });
});

describe("the logger for people", () => {
  it("writes time, level, message and fields on one line, without colours into a file", async () => {
    const { log, next } = await logger("text", "info");
    log.info({ url: "ws://localhost" }, "listening");
    expect(await next()).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: listening \{"url":"ws:\/\/localhost"\}\n$/,
    );
  });

  it("adds the fields of a child", async () => {
    const { log, next } = await logger("text", "info");
    log.child({ client: "a" }).warn({}, "slow");
    expect(await next()).toMatch(/WARN: slow \{"client":"a"\}\n$/);
  });
});

describe.each(["text", "json"] as const)("a level, in %s,", (format) => {
  it("leaves out what is below it", async () => {
    const { log, next } = await logger(format, "warn");
    log.debug({}, "first");
    log.info({}, "second");
    log.warn({}, "third");
    expect(await next()).toContain("third");
  });

  it("leaves out everything when it is silent", async () => {
    const { log, stream } = await logger(format, "silent");
    log.error({}, "lost");
    expect(stream.readableLength).toBe(0);
  });
});
