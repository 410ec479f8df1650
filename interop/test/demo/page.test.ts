import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unique } from "../../../e2e/test/datachannel/support/chat.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { DemoBrowser, insecureHost } from "../../src/demo/browser.js";

const env = { CONIC_LOG_LEVEL: "silent" };
let server: SignalServer;
let browser: DemoBrowser;
beforeAll(async () => {
  server = await startSignalServer({ env });
  browser = await DemoBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe("the id of a page", () => {
  it("is the server's choice, or another one that the person asks for", async () => {
    const wished = unique("wished");
    await using page = await browser.open(server.port, "/");
    await page.page.waitForSelector("#copy-link:enabled");
    expect(await page.page.textContent("#me")).toMatch(/^[0-9a-z]{24}$/);
    await page.page.click("#rename summary");
    await page.page.fill("#rename-id", wished);
    await page.page.press("#rename-id", "Enter");
    await page.registered(wished);
    await page.shows("#news", `You are ${wished} now.`);
    expect(page.faults).toEqual([]);
  });

  it("that is taken is refused, and the page asks for another one", async () => {
    const [id, other] = [unique("taken"), unique("free")];
    await using first = await browser.peer(server.port, id);
    await using second = await browser.open(server.port, `?id=${id}`);
    await second.shows("#alerts", `The id “${id}” is taken: choose another one.`);
    await second.shows("#server", "Offline");
    await second.page.fill("#rename-id", other);
    await second.page.press("#rename-id", "Enter");
    await second.registered(other);
    expect(second.page.url()).toContain(`id=${other}`);
    // Asking for one that is taken costs nobody the one that they have.
    await second.page.click("#rename summary");
    await second.page.fill("#rename-id", id);
    await second.page.press("#rename-id", "Enter");
    await second.shows("#alerts", "is taken");
    await second.registered(other);
    await second.call(id);
    await first.accept(other);
    await first.connected(other);
  });

  it("is in the link that calls it", async () => {
    const id = unique("host");
    await using host = await browser.peer(server.port, id, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await host.page.click("#copy-link");
    await host.shows("#news", "Link copied.");
    const link = await host.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(`http://localhost:${server.port}/demo/?peer=${id}`);
    await host.page.click("#copy-id");
    await expect.poll(() => host.page.evaluate(() => navigator.clipboard.readText())).toBe(id);
    await using guest = await browser.open(server.port, new URL(link).search);
    await guest.page.waitForSelector("#call:enabled");
    await guest.page.click("#call");
    await host.page.click("#accept");
    await guest.connected(id);
  });
});

/** Runs in the page: its devices fail as those of a person who said no, or has none. */
function noDevices(): void {
  navigator.mediaDevices.getUserMedia = ({ video } = {}) =>
    Promise.reject(
      video === undefined
        ? new DOMException("Permission denied", "NotAllowedError")
        : new DOMException("Requested device not found", "NotFoundError"),
    );
}

describe("camera and microphone", () => {
  it("that are refused or missing: the page says what to do", async () => {
    await using page = await browser.peer(server.port, unique("poor"), { before: noDevices });
    await page.page.click("#mic");
    await page.shows("#alerts", "No permission for the microphone: allow it in the browser");
    await page.page.click("#camera");
    await page.shows("#alerts", "There is no camera: plug one in, and try again.");
    expect(await page.page.getAttribute("#camera", "aria-pressed")).toBe("false");
    expect(page.faults).toEqual([]);
  });

  it("are not to be had on an insecure page, which says so and can chat all the same", async () => {
    const [plain, id] = [unique("plain"), unique("safe")];
    await using page = await browser.peer(server.port, plain, { host: insecureHost });
    await page.shows("#insecure", "Camera and microphone need https, or localhost");
    await page.page.click("#camera");
    await page.shows("#alerts", "Camera and microphone need https");
    await page.page.click("#copy-id");
    await page.shows("#news", "Id copied.");
    await using other = await browser.peer(server.port, id);
    await other.turn("camera", true);
    await page.call(id);
    await other.accept(plain);
    await page.connected(id);
    await page.receives({ framesDecoded: 5 });
    await page.say("seen");
    await other.hears("seen");
    expect(page.faults).toEqual([]);
  });
});

describe("a server that goes", () => {
  it("is waited for: the id is kept, a call goes on, and changes after it", async () => {
    const first = await startSignalServer({ env });
    const { port } = first;
    const [idA, idB] = [unique("a"), unique("b")];
    await using a = await browser.peer(port, idA);
    await using b = await browser.peer(port, idB);
    await a.call(idB);
    await b.accept(idA);
    await Promise.all([a.connected(idB), b.connected(idA)]);
    await first[Symbol.asyncDispose]();
    await a.shows("#server", "Server gone, reconnecting…");
    await a.say("without a server");
    await b.hears("without a server");
    // Offered now, sent when the server is back.
    await a.turn("camera", true);
    await using second = await startSignalServer({ env, args: [`--port=${port}`] });
    expect(second.port).toBe(port);
    await Promise.all([a.shows("#server", "Online"), b.shows("#server", "Online")]);
    await b.receives({ framesDecoded: 5 });
    await a.hangUp();
    await a.registered(idA);
  });
});

describe("a phone of 360 pixels", () => {
  it.each(["light", "dark"] as const)("has room for everything, %s", async (colorScheme) => {
    const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };
    // The longest id.
    const [id, other] = [unique("p").padEnd(64, "x"), unique("o").padEnd(64, "y")];
    await using page = await browser.peer(server.port, id, { ...phone, colorScheme });
    await using peer = await browser.peer(server.port, other);
    const overflow = (): Promise<number> =>
      page.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBe(0);
    await peer.turn("camera", true);
    await peer.turn("mic", true);
    await peer.call(id);
    await page.shows("#incoming", other);
    expect(await overflow()).toBe(0);
    await page.page.tap("#accept");
    await page.connected(other);
    await page.turn("camera", true);
    await page.say("m".repeat(200));
    await page.shows(".tile:not(.own) .stats", "fps");
    expect(await overflow()).toBe(0);
    const small = await page.page.evaluate(() =>
      [...document.querySelectorAll("button, input, select")]
        .map((element) => ({ name: element.id, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.height > 0 && box.height < 32)
        .map(({ name }) => name),
    );
    expect(small).toEqual([]);
  });
});

describe("the keyboard and screen readers", () => {
  it("reach everything: a call with the keyboard alone", async () => {
    const [idA, idB] = [unique("keys"), unique("mouse")];
    await using a = await browser.peer(server.port, idA);
    await using b = await browser.peer(server.port, idB);
    const { keyboard } = a.page;
    const reach = async (id: string): Promise<void> => {
      for (let i = 0; i < 30; i += 1) {
        if (await a.page.locator(`#${id}`).evaluate((e) => e === document.activeElement)) return;
        await keyboard.press("Tab");
      }
      throw new Error(`the Tab key does not reach #${id}`);
    };
    await reach("peer");
    await keyboard.type(idB);
    await keyboard.press("Enter");
    await b.accept(idA);
    await a.connected(idB);
    await reach("camera");
    await keyboard.press("Space");
    await b.count(".tile:not(.own)", 1);
    await reach("message");
    await keyboard.type("typed");
    await keyboard.press("Enter");
    await b.hears("typed");
    await a.page.locator("h2#stage-title").focus();
    await reach("hang-up");
    await keyboard.press("Enter");
    await b.shows("#news", "ended the call");
  });

  it("find a name for each button and field, and hear of what happens", async () => {
    await using page = await browser.peer(server.port, unique("named"));
    const snapshot = await page.page.locator("body").ariaSnapshot();
    expect(snapshot).not.toMatch(/- (button|textbox|combobox|img)(:|$)/m);
    for (const named of ['button "Camera"', 'textbox "Peer’s id"', 'heading "Your id"']) {
      expect(snapshot).toContain(named);
    }
    const live = await page.page
      .locator("[role=alert], [role=status], [role=log], [aria-live]")
      .evaluateAll((elements) => elements.map(({ id }) => id));
    expect(live).toEqual(
      expect.arrayContaining(["alerts", "news", "server", "incoming", "call-state", "log", "me"]),
    );
  });
});
