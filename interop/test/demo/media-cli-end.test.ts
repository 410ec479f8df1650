import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { unique } from "../../../e2e/test/datachannel/support/chat.js";
import { MediaProgram } from "../../../e2e/test/media/support/media.js";
import { DemoBrowser } from "../../src/demo/browser.js";
import { received } from "../../src/demo/flows.js";
import type { DemoPage } from "../../src/demo/page.js";

let server: SignalServer;
let browser: DemoBrowser;
beforeAll(async () => {
  // That a peer is gone for good is known when the server has given its id up.
  const args = ["--resume-ttl-ms=1000"];
  server = await startSignalServer({ args, env: { CONIC_LOG_LEVEL: "silent" } });
  browser = await DemoBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Pair extends AsyncDisposable {
  readonly page: DemoPage;
  readonly id: string;
  readonly program: MediaProgram;
}

/** A page that hears the program, which called it. */
async function call(...args: readonly string[]): Promise<Pair> {
  const id = unique("page");
  const page = await browser.peer(server.port, id);
  const program = MediaProgram.offer(server.url, id, "audio", ...args);
  const end = async (): Promise<void> => {
    await Promise.all([program[Symbol.asyncDispose](), page[Symbol.asyncDispose]()]);
    expect(page.faults).toEqual([]);
  };
  try {
    await program.event("calling");
    await page.accept(program.id);
    await page.receives({ audioEnergy: 0.01 });
  } catch (error) {
    await end();
    throw error;
  }
  return { page, id, program, [Symbol.asyncDispose]: end };
}

describe("a program that leaves the page", () => {
  it("hangs up: the page says so", async () => {
    await using pair = await call();
    const { page, program } = pair;
    program.kill("SIGTERM");
    await page.shows("#news", `${program.id} ended the call.`);
    expect(await program.exit()).toEqual({ code: 0, signal: null });
    expect(program.events.at(-1)).toMatchObject({ event: "ended", by: "local", clean: true });
  });

  it("has sent all: the page says so", async () => {
    const id = unique("page");
    await using page = await browser.peer(server.port, id);
    await using program = MediaProgram.offer(server.url, id, "audio", "--duration=1");
    await program.event("calling");
    await page.accept(program.id);
    await page.shows("#news", `${program.id} ended the call.`);
    expect(await program.exit()).toEqual({ code: 0, signal: null });
  });
});

describe("a page that leaves the program", () => {
  it("hangs up: one line, and what has no end is done", async () => {
    await using pair = await call();
    const { page, id, program } = pair;
    await page.hangUp();
    expect(await program.exit()).toEqual({ code: 0, signal: null });
    expect(program.of("left")).toMatchObject([{ peer: id, clean: true }]);
    expect(program.stderr.lines.filter((line) => line.includes("left"))).toHaveLength(1);
  });

  it("hangs up too early: code 4, and one line says why", async () => {
    await using pair = await call("--duration=60");
    const { page, id, program } = pair;
    await page.hangUp();
    expect(await program.exit()).toEqual({ code: 4, signal: null });
    expect(program.failure).toBe(`conic-media: ${id} left before all was sent`);
  });

  it("is closed or goes elsewhere: the same as if it hung up", async () => {
    await using pair = await call();
    const { page, program } = pair;
    await page.page.goto("about:blank");
    expect(await program.exit()).toEqual({ code: 0, signal: null });
    expect(program.of("left")).toMatchObject([{ clean: true }]);
  });

  it("declines: code 4, and one line says so", async () => {
    const id = unique("page");
    await using page = await browser.peer(server.port, id);
    await using program = MediaProgram.offer(server.url, id, "audio");
    await program.event("calling");
    await page.shows("#incoming", `${program.id} is calling`);
    await page.page.click("#decline");
    expect(await program.exit()).toEqual({ code: 4, signal: null });
    expect(program.failure).toContain(`${id} refused`);
  });
});

// Both wait long: whoever is silent may come back.
describe.concurrent("without a word", { timeout: 300_000 }, () => {
  it("the program is killed: the page waits for it, and then says that it is lost", async () => {
    await using pair = await call();
    const { page, program } = pair;
    program.kill("SIGKILL");
    await page.shows("#call-state", "Interrupted");
    await page.shows("#alerts", `The connection to ${program.id} was lost.`);
    await page.page.waitForSelector("#lobby", { state: "visible" });
  });

  it("the browser dies: the program says that it is lost", async () => {
    await using program = await MediaProgram.answer(server.url, "audio");
    const id = unique("page");
    const own = await DemoBrowser.start();
    // A busy browser may have been silent for a while.
    let silences = 0;
    try {
      const page = await own.peer(server.port, id);
      await page.turn("mic", true);
      await page.call(program.id);
      await received(program, "audio", 25);
      silences = program.of("silent").length;
    } finally {
      await own.crash();
    }
    expect(await program.exit(180_000)).toEqual({ code: 4, signal: null });
    expect(program.failure).toContain(`lost ${id}`);
    expect(program.of("silent")).toHaveLength(silences + 1);
  });
});
