import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlainClient } from "../../../e2e/src/client.js";
import { startProcess } from "../../../e2e/src/process.js";
import { builtApp, startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { whileItLasts } from "../../../internal/testing/src/haste.js";
import { unique } from "../../../e2e/test/datachannel/support/chat.js";
import { DemoBrowser } from "../../src/demo/browser.js";
import type { DemoPage } from "../../src/demo/page.js";

const env = { CONIC_LOG_LEVEL: "silent" };
let folder: string;
let secretFile: string;
let server: SignalServer;
let browser: DemoBrowser;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "conic-demo-tokens-"));
  secretFile = path.join(folder, "secret.txt");
  writeFileSync(secretFile, "a secret of thirty-two bytes, and a little more");
  server = await startSignalServer({ env, args: [`--auth-secret-file=${secretFile}`] });
  browser = await DemoBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function mint(...args: readonly string[]): Promise<string> {
  const command = [builtApp("signal"), "token", `--auth-secret-file=${secretFile}`, ...args];
  await using minting = await startProcess(process.execPath, command);
  expect(await minting.exit()).toMatchObject({ code: 0 });
  return minting.stdout.all[0] ?? "";
}

async function paste(page: DemoPage, token: string): Promise<void> {
  await page.page.fill("#token", token);
  await page.page.press("#token", "Enter");
}

/** All that the browser keeps, as text. */
function kept(page: DemoPage): Promise<{ tab: string; machine: string }> {
  return page.page.evaluate(() => ({
    tab: JSON.stringify(sessionStorage),
    machine: `${JSON.stringify(localStorage)} ${document.cookie} ${location.href}`,
  }));
}

/** How long tokens are good that end in a test; the server's tolerance of 5 s comes on top. */
const brieflyMs = [1_000, 30_000];

describe("a page at a server that asks for tokens", () => {
  it("asks the person, says when it is wrong, and keeps the right one for this tab alone", async () => {
    const id = unique("asked");
    await using page = await browser.open(server.port, `?id=${id}`);
    await page.shows("#alerts", "This server asks for a token");
    await page.shows("#server", "Offline");
    await page.shows("#token-title", "Token");
    await paste(page, "guess");
    await page.shows("#alerts", "The server does not take the token");
    await page.page.waitForSelector("#token:focus");
    expect(await page.page.inputValue("#token")).toBe("");
    const token = await mint();
    await paste(page, token);
    await page.registered(id);
    await page.page.waitForSelector("#token-card", { state: "hidden" });
    expect(await page.page.textContent("#alerts")).toBe("");
    const { tab, machine } = await kept(page);
    expect(tab).toContain(token);
    expect(machine).not.toContain(token);
    await page.page.reload();
    await page.registered(id);
    expect(page.faults).toEqual([]);
  });

  it("takes one from the address, where it does not stay, and calls with it", async () => {
    const [guest, host] = [unique("guest"), unique("host")];
    const token = await mint(`--id=${guest}`);
    await using there = await browser.open(server.port, `?id=${host}#token=${await mint()}`);
    await there.registered(host);
    await using here = await browser.open(server.port, `?peer=${host}#token=${token}`);
    await here.registered(guest);
    expect(here.page.url()).toBe(`http://localhost:${server.port}/demo/?peer=${host}`);
    expect((await kept(here)).machine).not.toContain(token);
    expect(await here.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await here.page.click("#call");
    await there.accept(guest);
    await here.connected(host);
    await here.say("let in");
    await there.hears("let in");
    expect([...here.faults, ...there.faults]).toEqual([]);
  });

  it("that is for another id is told so, and offered to ask for that", async () => {
    const id = unique("mine");
    const token = await mint(`--id=${id}`);
    await using page = await browser.open(server.port, `?id=${unique("other")}#token=${token}`);
    await page.shows("#alerts", "your token is for another id");
    await page.page.fill("#rename-id", id);
    await page.page.press("#rename-id", "Enter");
    await page.registered(id);
  });

  it("says when it has ended; a call goes on meanwhile, and the id is the same with a new one", () =>
    whileItLasts(brieflyMs, async (validity) => {
      const [brief, host] = [unique("brief"), unique("host")];
      await using there = await browser.open(server.port, `?id=${host}#token=${await mint()}`);
      await there.registered(host);
      validity.begin();
      const token = await mint(`--ttl=${validity.ms / 1000}s`);
      await using here = await browser.open(server.port, `?id=${brief}#token=${token}`);
      await here.registered(brief);
      await here.call(host);
      await there.accept(brief);
      await here.connected(host);
      validity.done();
      await here.shows("#alerts", "Your token has expired: paste a new one.");
      await here.shows("#server", "Offline");
      await here.say("still here");
      await there.hears("still here");
      await paste(here, await mint());
      await here.shows("#server", "Online");
      await here.turn("camera", true);
      await there.receives({ framesDecoded: 5 });
      await here.hangUp();
      await here.registered(brief);
      expect([...here.faults, ...there.faults]).toEqual([]);
    }));

  it("goes on with one that is put into the address of an open page", () =>
    whileItLasts(brieflyMs, async (validity) => {
      const id = unique("open");
      validity.begin();
      const brief = await mint(`--ttl=${validity.ms / 1000}s`);
      await using page = await browser.open(server.port, `?id=${id}#token=${brief}`);
      await page.registered(id);
      await using witness = await PlainClient.open(server.url);
      await witness.register({ Token: brief });
      const token = await mint();
      await page.page.evaluate((text) => {
        location.hash = `token=${text}`;
      }, token);
      await page.page.waitForURL((url) => url.hash === "");
      validity.done();
      expect((await kept(page)).tab).toContain(token);
      // Whoever has nothing but the first one is sent away.
      expect(await witness.closed).toMatchObject({ code: 4501 });
      await page.shows("#server", "Online");
      expect(page.faults).toEqual([]);
    }));
});

/** Runs in the page: long pauses are not waited for. */
function hurry(): void {
  const wait = globalThis.setTimeout.bind(globalThis);
  const quick = (action: () => void, ms = 0): unknown => wait(action, ms >= 30_000 ? ms / 20 : ms);
  globalThis.setTimeout = quick as unknown as typeof setTimeout;
}

describe("TURN credentials of a page", () => {
  it.each(["with a token", "without"])(
    "are new before they end, in a call too, %s",
    async (how) => {
      const turnSecretFile = path.join(folder, "turn.txt");
      writeFileSync(turnSecretFile, "shared");
      const turn = [`--turn-secret-file=${turnSecretFile}`, "--turn-url=turn:127.0.0.1:9"];
      const auth = how === "without" ? [] : [`--auth-secret-file=${secretFile}`];
      await using relayed = await startSignalServer({
        env,
        args: [...turn, "--turn-ttl-s=60", ...auth],
      });
      const hash = how === "without" ? "" : `#token=${await mint()}`;
      const [idA, idB] = [unique("a"), unique("b")];
      await using a = await browser.open(relayed.port, `?id=${idA}${hash}`, { before: hurry });
      await using b = await browser.open(relayed.port, `?id=${idB}${hash}`);
      await a.registered(idA);
      await b.registered(idB);
      await a.call(idB);
      await b.accept(idA);
      await a.connected(idB);
      const user = (): Promise<string> =>
        a.page.evaluate(() => {
          const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
          return connections.at(-1)?.getConfiguration().iceServers?.[0]?.username ?? "";
        });
      const first = await user();
      expect(first).toMatch(new RegExp(`^\\d+:${idA}$`));
      await expect.poll(user).not.toBe(first);
      await a.shows("#server", "Online");
      await a.say("all the same");
      await b.hears("all the same");
      expect(a.faults).toEqual([]);
    },
  );
});
