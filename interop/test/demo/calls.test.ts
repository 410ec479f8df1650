import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unique } from "../../../e2e/test/datachannel/support/chat.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { DemoBrowser } from "../../src/demo/browser.js";
import type { DemoPage } from "../../src/demo/page.js";

let server: SignalServer;
let browser: DemoBrowser;
beforeAll(async () => {
  server = await startSignalServer({ env: { CONIC_LOG_LEVEL: "silent" } });
  browser = await DemoBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Pair extends AsyncDisposable {
  readonly a: DemoPage;
  readonly b: DemoPage;
  readonly idA: string;
  readonly idB: string;
}

/** Two pages; disposing them asserts that neither did anything it should not. */
async function pair(nameA = "alice", nameB = "bob"): Promise<Pair> {
  const [idA, idB] = [unique(nameA), unique(nameB)];
  const [a, b] = await Promise.all([
    browser.peer(server.port, idA),
    browser.peer(server.port, idB),
  ]);
  return {
    a,
    b,
    idA,
    idB,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
      expect([...a.faults, ...b.faults]).toEqual([]);
    },
  };
}

async function connect({ a, b, idA, idB }: Pair): Promise<void> {
  await a.call(idB);
  await b.accept(idA);
  await Promise.all([a.connected(idB), b.connected(idA)]);
}

const both = { framesDecoded: 10, audioEnergy: 0.001 };

// Who gives way when both change something at once is decided by the ids: both ways round.
describe.each([
  ["a", "b"],
  ["y", "x"],
])("a page named %s calls one named %s", (nameA, nameB) => {
  it("they chat, hear and see each other, and stop", async () => {
    await using pages = await pair(nameA, nameB);
    const { a, b, idA, idB } = pages;
    await connect(pages);
    await a.say("hello 日本語 🎉");
    await b.hears("hello 日本語 🎉");
    await b.say("<b>not bold</b>");
    await a.hears("<b>not bold</b>");

    await Promise.all([a.turn("camera", true), b.turn("camera", true)]);
    await Promise.all([a.turn("mic", true), b.turn("mic", true)]);
    await Promise.all([a.receives(both), b.receives(both)]);
    await a.shows(".tile:not(.own) .stats", "640×480");
    await a.shows(".sounds li:not(.own) .stats", /kb\/s · \d+ lost/);
    await a.shows("#facts", "direct");
    await b.page.waitForSelector(".sounds li:not(.own) .meter:not([aria-valuenow='0'])");

    // The camera goes and comes back, while the rest goes on.
    await a.turn("camera", false);
    await b.count(".tile:not(.own)", 0);
    await b.receives({ audioEnergy: 0.001 });
    await a.turn("camera", true);
    await b.count(".tile:not(.own)", 1);
    await b.receives(both);
    await a.receives(both);
    // One section for sound, one for the picture, however often they were turned off.
    expect(await a.sections()).toBe(2);

    await a.hangUp();
    await a.shows("#news", `The call with ${idB} has ended.`);
    await b.shows("#news", `${idA} ended the call.`);
  });

  it("both calling at the same time is one call", async () => {
    await using pages = await pair(nameA, nameB);
    const { a, b, idA, idB } = pages;
    // Sections in another order than those of a page that sends nothing.
    await a.turn("camera", true);
    await Promise.all([a.call(idB), b.call(idA)]);
    await Promise.all([a.connected(idB), b.connected(idA)]);
    await b.receives({ framesDecoded: 5 });
    await a.say("only one");
    await b.hears("only one");
    await b.say("indeed");
    await a.hears("indeed");
    expect(await b.page.isVisible("#incoming")).toBe(false);
  });
});

describe("a call that does not come about", () => {
  it("to nobody says so", async () => {
    const id = unique("alone");
    await using page = await browser.peer(server.port, id);
    await page.call("nobody-at-all");
    await page.shows("#alerts", "Nobody is registered as “nobody-at-all”");
    await page.call(id);
    await page.shows("#alerts", "That is your own id");
    expect(page.faults).toEqual([]);
  });

  it("is declined, and the next one is taken", async () => {
    await using pages = await pair();
    const { a, b, idA, idB } = pages;
    await a.call(idB);
    await b.shows("#incoming", idA);
    await b.page.click("#decline");
    await a.shows("#alerts", `${idB} declined the call.`);
    await b.page.waitForSelector("#incoming", { state: "hidden" });
    await connect(pages);
  });

  it("is given up by the caller, and stops ringing", async () => {
    await using pages = await pair();
    const { a, b, idA, idB } = pages;
    await a.call(idB);
    await b.shows("#incoming", idA);
    await a.hangUp();
    await b.page.waitForSelector("#incoming", { state: "hidden" });
    await b.shows("#news", `${idA} called, and hung up.`);
  });
});

describe("a call that stands", () => {
  it("goes on while a third one calls, and ends when that one is accepted", async () => {
    await using pages = await pair();
    const { a, b, idA, idB } = pages;
    const idC = unique("carol");
    await using c = await browser.peer(server.port, idC);
    await connect(pages);
    await c.call(idB);
    await b.shows("#incoming", `Accepting ends the call with ${idA}`);
    await a.say("still here");
    await b.hears("still here");
    await b.accept(idC);
    await Promise.all([b.connected(idC), c.connected(idB)]);
    await a.shows("#news", `${idB} ended the call.`);
    expect(c.faults).toEqual([]);
  });

  it("ends when the other page is loaded again, which keeps its id and is called again", async () => {
    await using pages = await pair();
    const { a, b, idA, idB } = pages;
    await connect(pages);
    await b.page.reload();
    await b.registered(idB);
    await a.shows("#news", `${idB} ended the call.`);
    await a.page.click(`.chip:has-text("${idB}")`);
    await a.page.click("#call");
    await b.accept(idA);
    await Promise.all([a.connected(idB), b.connected(idA)]);
  });

  it("takes another track while the microphone is muted, and silence is silence", async () => {
    await using pages = await pair();
    const { a, b } = pages;
    await a.turn("mic", true);
    await connect(pages);
    await b.receives({ audioEnergy: 0.001 });
    await a.page.click("#mute");
    await b.page.waitForSelector(".sounds li:not(.own) .meter[aria-valuenow='0']");
    await a.turn("camera", true);
    await b.receives({ framesDecoded: 5 });
    await a.page.click("#mute");
    await b.receives({ audioEnergy: 0.001 });
    expect(await b.page.locator(".tile:not(.own)").count()).toBe(1);
  });
});
