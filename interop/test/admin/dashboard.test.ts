import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlainClient } from "../../../e2e/src/client.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { DashboardBrowser } from "../../src/admin/dashboard.js";

const token = "a-token-for-the-dashboard";
const env = { CONIC_LOG_LEVEL: "silent", CONIC_ADMIN_TOKEN: token };
let server: SignalServer;
let browser: DashboardBrowser;
beforeAll(async () => {
  server = await startSignalServer({ env });
  browser = await DashboardBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function client(ID: string, rooms: readonly string[] = []): Promise<PlainClient> {
  const peer = await PlainClient.open(server.url, ["conic.v1"]);
  await peer.register({ ID });
  for (const Room of rooms) {
    peer.send("join", { Room });
    await peer.next();
  }
  return peer;
}

describe("signing in", () => {
  it("with a wrong token is refused, with the right one shows the server", async () => {
    await using board = await browser.open(server.port);
    await board.signIn("not-the-token-of-this-server");
    await board.shows("#alerts", "That is not the token of this server.");
    expect(await board.page.isVisible("#board")).toBe(false);
    await board.enter(token);
    await board.shows("#server", "Online");
    expect(await board.page.isVisible("#sign-in")).toBe(false);
    expect(await board.page.textContent("#alerts")).toBe("");
  });

  it("lasts as long as the tab, and is in no address and in nothing that stays", async () => {
    await using board = await browser.open(server.port);
    await board.enter(token);
    await board.page.reload();
    await board.page.waitForSelector("#server[data-state=ready]");
    expect(board.page.url()).toBe(`http://localhost:${server.port}/admin/`);
    const kept = await board.page.evaluate(() => [localStorage.length, document.cookie]);
    expect(kept).toEqual([0, ""]);
    const other = await board.page.context().newPage();
    await other.goto(board.page.url());
    await other.waitForSelector("#sign-in", { state: "visible" });
    await board.page.click("#sign-out");
    await board.page.reload();
    await board.page.waitForSelector("#sign-in", { state: "visible" });
    expect(await board.page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("is bounded: whoever guesses has to wait, and who is in stays in", async () => {
    await using guessed = await startSignalServer({ env });
    await using inside = await browser.open(guessed.port);
    await inside.enter(token);
    await using board = await browser.open(guessed.port);
    let guesses = 0;
    const guess = async (): Promise<void> => {
      guesses += 1;
      await board.signIn(`guess-number-${guesses}-of-the-token`);
      await board.page.waitForSelector("#sign-in-button:enabled");
    };
    // Ten in one go, and one more every 6 s, of which a busy machine needs some.
    for (let i = 0; i < 11; i += 1) await guess();
    await expect
      .poll(async () => {
        const alert = (await board.page.textContent("#alerts")) ?? "";
        if (!alert.includes("Too many")) await guess();
        return alert;
      })
      .toContain("Too many wrong tokens came from this address");
    // Somebody who goes on is waited for longer.
    await expect
      .poll(async () => {
        const state = await inside.page.textContent("#server");
        if (state === "Online") await guess();
        return state;
      })
      .toBe("Locked, trying again…");
    await inside.shows("#server", "Online");
  });
});

describe("the dashboard", () => {
  it("shows who comes and goes, at once in the table and the figures, and as a line", async () => {
    await using board = await browser.open(server.port);
    await board.enter(token);
    await board.shows("#peers-empty", "Nobody is here.");
    await board.chartSays("Connections", /now open 0,/);
    const before = board.page.locator("svg[aria-label^=Connections] .line").first();
    const drawn = await before.getAttribute("d");
    const peers = await Promise.all(["carol", "alice", "bob"].map((id) => client(id, ["lobby"])));
    await board.shows("#figures", "Registered3");
    await expect.poll(() => board.ids()).toEqual(["alice", "bob", "carol"]);
    await board.shows("#rooms-rows", "lobby");
    // However long the second is in which they come.
    for (let i = 0; i < 50; i += 1) peers[0]?.send("candidate", { TargetID: "bob", Candidate: "" });
    await board.chartSays("Connections", /now open 3, registered 3/);
    expect(await before.getAttribute("d")).not.toBe(drawn);
    await board.chartSays("Messages a second", /peak [1-9]/);
    await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
    await expect.poll(() => board.ids()).toEqual([]);
    await board.chartSays("Connections", /now open 0, .*peak 3/);
  });

  it("has the past at once", async () => {
    await using early = await browser.open(server.port);
    await early.enter(token);
    await using peer = await client("someone");
    await early.chartSays("Connections", /now open 1,/);
    await peer[Symbol.asyncDispose]();
    await early.chartSays("Connections", /now open 0,/);
    await using late = await browser.open(server.port);
    await late.enter(token);
    await late.chartSays("Connections", /now open 0, .*peak [1-9]/);
    const line = late.page.locator("svg[aria-label^=Connections] .line").first();
    expect(await line.getAttribute("d")).toMatch(/^M.+L/);
  });

  it("searches, also by room, and pages", async () => {
    await using board = await browser.open(server.port);
    await board.enter(token);
    const names = Array.from({ length: 30 }, (_, i) => `p-${String(i).padStart(2, "0")}`);
    const peers = await Promise.all(names.map((id, i) => client(id, i < 2 ? ["two"] : [])));
    await expect.poll(() => board.ids()).toEqual(names.slice(0, 25));
    await board.page.click("#peers-next");
    await expect.poll(() => board.ids()).toEqual(names.slice(25));
    await board.page.click("#rooms-rows button");
    await expect.poll(() => board.ids()).toEqual(names.slice(0, 2));
    await board.page.fill("#peers-query", "P-07");
    await expect.poll(() => board.ids()).toEqual(["p-07"]);
    await board.shows("#peers-count", "1 found");
    await board.page.fill("#peers-query", "nobody");
    await board.shows("#peers-empty", "Nothing like that.");
    await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
  });

  it("says when the server is gone, and goes on when it is back", async () => {
    const first = await startSignalServer({ env });
    const { port } = first;
    await using board = await browser.open(port);
    await board.enter(token);
    await first[Symbol.asyncDispose]();
    await board.shows("#server", "Server gone, trying again…");
    await using _second = await startSignalServer({ env, args: [`--port=${port}`] });
    await board.shows("#server", "Online");
  });
});

describe("kicking", () => {
  it("asks first, with the keyboard too, and then ends the client", async () => {
    await using board = await browser.open(server.port);
    await board.enter(token);
    await using peer = await client("troll");
    await using friend = await client("friend");
    await board.shows("#peers-rows", "troll");
    const kick = board.page.getByRole("button", { name: "Kick troll" });
    await kick.focus();
    await board.page.keyboard.press("Enter");
    await board.shows("#kick", "Kick this peer?");
    // What is done without looking does no harm.
    await board.page.keyboard.press("Enter");
    await board.page.waitForSelector("#kick", { state: "hidden" });
    await kick.click();
    await board.page.keyboard.press("Escape");
    await board.page.waitForSelector("#kick", { state: "hidden" });
    expect(await board.ids()).toContain("troll");
    await kick.click();
    await board.page.getByRole("button", { name: "Kick", exact: true }).click();
    await board.shows("#news", "troll was kicked.");
    expect((await peer.next()).raw).toMatchObject({ Code: "kicked" });
    expect(await peer.closed).toEqual({ code: 4502, reason: "kicked" });
    await expect.poll(() => board.ids()).toEqual(["friend"]);
    // Who was not kicked is still there.
    friend.send("unregister", { ID: "friend" });
    expect((await friend.next()).type).toBe("unregister_response");
  });

  it("of one that has left says so", async () => {
    await using board = await browser.open(server.port);
    await board.enter(token);
    const peer = await client("fast");
    await board.shows("#peers-rows", "fast");
    await board.page.getByRole("button", { name: "Kick fast" }).click();
    await peer[Symbol.asyncDispose]();
    await expect.poll(() => board.ids()).toEqual([]);
    await board.page.getByRole("button", { name: "Kick", exact: true }).click();
    await board.shows("#news", "fast is not here any more.");
  });
});

describe("names that others choose", () => {
  it("cannot be markup, and the strangest that can be are text, and are kicked", async () => {
    await using board = await browser.open(server.port);
    await board.enter(token);
    const markup = "<img src=x onerror=alert(1)>";
    await using rude = await PlainClient.open(server.url, ["conic.v1"]);
    rude.send("register", { ID: markup });
    expect((await rude.next()).raw).toMatchObject({ Code: "invalid_id" });
    await rude.register({ ID: "rude" });
    rude.send("join", { Room: markup });
    expect((await rude.next()).raw).toMatchObject({ Code: "invalid_id" });
    // All that the grammar has beside letters and digits; `..` and `.` are parts of paths elsewhere.
    const names = ["..", "javascript:alert.1", "~._-:@".repeat(10) + "abcd", "."];
    const peers = await Promise.all(names.map((name) => client(name, [name])));
    await expect.poll(() => board.ids()).toEqual([...names, "rude"].toSorted());
    for (const name of names) {
      await board.page.getByRole("button", { name: `Kick ${name}`, exact: true }).click();
      await board.page.getByRole("button", { name: "Kick", exact: true }).click();
      await board.shows("#news", `${name} was kicked.`);
    }
    await expect.poll(() => board.ids()).toEqual(["rude"]);
    await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
  });
});

describe.each(["light", "dark"] as const)("the dashboard, %s", (colorScheme) => {
  it.each([360, 768, 1600])("has room for everything on %i pixels", async (width) => {
    const long = "W".repeat(64);
    await using _peer = await client(long, [long, "short"]);
    const size = { viewport: { width, height: 740 }, screen: { width, height: 740 } };
    await using board = await browser.open(server.port, {
      ...size,
      colorScheme,
      isMobile: width < 500,
      hasTouch: width < 500,
    });
    expect(await board.overflow()).toBeLessThanOrEqual(0);
    await board.enter(token);
    await board.shows("#peers-rows", long);
    expect(await board.overflow()).toBeLessThanOrEqual(0);
    await board.page.getByRole("button", { name: `Kick ${long}` }).click();
    await board.shows("#kick-id", long);
    expect(await board.overflow()).toBeLessThanOrEqual(0);
    const dark = await board.page.evaluate(() => {
      const [red = 255] = /\d+/.exec(getComputedStyle(document.body).backgroundColor) ?? [];
      return Number(red) < 128;
    });
    expect(dark).toBe(colorScheme === "dark");
    const folder = await mkdtemp(path.join(tmpdir(), "conic-admin-"));
    try {
      const shot = await board.page.screenshot({ path: path.join(folder, "board.png") });
      expect(shot.byteLength).toBeGreaterThan(10_000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
