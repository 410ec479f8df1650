import { chromium, type Browser, type BrowserContextOptions } from "playwright-core";
import { findChromium } from "../../../scripts/ensure-chromium.mjs";
import { DemoPage } from "./page.js";

/** A name that browsers do not trust as they trust localhost. */
export const insecureHost = "insecure.test";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  // Local addresses in candidates as they are, instead of names that only a whole desktop resolves.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
];

export interface OpenOptions extends BrowserContextOptions {
  /** Default localhost. */
  readonly host?: string;
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
}

/** Every connection of the page, for tests to look into; a page cannot know its own otherwise. */
function recordConnections(): void {
  const scope = globalThis as unknown as { connections: RTCPeerConnection[] };
  scope.connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      scope.connections.push(this);
    }
  };
}

/** A Chromium with a fake camera and a fake microphone, whose pages are the demo page of signaling servers. */
export class DemoBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<DemoBrowser> {
    const executablePath = findChromium();
    if (executablePath === undefined) {
      throw new Error('there is no Chromium: run "node scripts/ensure-chromium.mjs" first');
    }
    return new DemoBrowser(await chromium.launch({ executablePath, args: flags }));
  }

  /** Opens the page of the server on this port, in a profile of its own. */
  async open(port: number, query: string, options: OpenOptions = {}): Promise<DemoPage> {
    const { host = "localhost", before, ...contextOptions } = options;
    const context = await this.#browser.newContext(contextOptions);
    const page = await context.newPage();
    await page.addInitScript(recordConnections);
    if (before !== undefined) await page.addInitScript(before);
    const demo = new DemoPage(page);
    await page.goto(`http://${host}:${port}/demo${query}`);
    return demo;
  }

  /** Opens the page as `id`; resolves once it is registered. */
  async peer(port: number, id: string, options: OpenOptions = {}): Promise<DemoPage> {
    const demo = await this.open(port, `?id=${id}`, options);
    try {
      await demo.registered(id);
    } catch (error) {
      await demo[Symbol.asyncDispose]();
      throw error;
    }
    return demo;
  }

  /** Ends it without a word to anybody. */
  async crash(): Promise<void> {
    const session = await this.#browser.newBrowserCDPSession();
    const gone = new Promise((resolve) => void this.#browser.once("disconnected", resolve));
    // Nobody is left to answer.
    session.send("Browser.crash").catch(() => undefined);
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
