import { chromium, type Browser, type Page } from "playwright-core";
import { chromiumFlags, findChromium, realAddresses } from "../../scripts/ensure-chromium.mjs";
import { BrowserPeer } from "./browser-peer.js";
import { PageLink } from "./matrix/links/page-link.js";
import type { RemoteLink } from "./matrix/links/protocol.js";
import { MediaPage } from "./media/media-page.js";
import { PageServer } from "./page-server.js";

/** A camera and a microphone that are made up, allowed without asking; sound without a click. */
const mediaFlags: readonly string[] = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
];

export interface ChromiumOptions {
  /** Offer local addresses as `….local` names, as Chromium does by default. Default false. */
  readonly mdns?: boolean;
  /** With a camera and a microphone that pages may use without asking. Default false. */
  readonly devices?: boolean;
}

/** A headless Chromium, and peers that are pages in it. */
export class Chromium implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #pages: PageServer;

  private constructor(browser: Browser, pages: PageServer) {
    this.#browser = browser;
    this.#pages = pages;
  }

  /** @throws Error that says what to do when there is no Chromium. */
  static async start({ mdns = false, devices = false }: ChromiumOptions = {}): Promise<Chromium> {
    const executablePath = findChromium();
    if (executablePath === undefined) {
      throw new Error(
        'there is no Chromium: run "node scripts/ensure-chromium.mjs", or set CHROMIUM to the path of one',
      );
    }
    const args = [
      "--headless",
      ...chromiumFlags,
      ...(mdns ? [] : [realAddresses]),
      ...(devices ? mediaFlags : []),
    ];
    const pages = await PageServer.start();
    try {
      return new Chromium(await chromium.launch({ executablePath, args }), pages);
    } catch (error) {
      await pages[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** An empty page, which the caller closes. */
  page(): Promise<Page> {
    return this.#browser.newPage();
  }

  /** A page with a media peer that test code drives; it gives way when offers cross. */
  async mediaPeer(): Promise<MediaPage> {
    return MediaPage.open(await this.#browser.newPage(), this.#pages.mediaUrl);
  }

  /** Opens the page; resolves once it is registered as `id`. */
  async peer(server: string, id: string): Promise<BrowserPeer> {
    const page = await this.#browser.newPage();
    const peer = new BrowserPeer(page, id);
    try {
      await page.goto(this.#pages.url(server, id));
      await peer.event({ event: "registered", id });
    } catch (error) {
      await peer[Symbol.asyncDispose]();
      throw error;
    }
    return peer;
  }

  /** A browser of its own, whose one page is a remote peer that test code drives. */
  static async startRemote(): Promise<RemoteLink> {
    const started = await Chromium.start();
    const close = (): Promise<void> => started[Symbol.asyncDispose]();
    try {
      const page = await started.#browser.newPage();
      return await PageLink.open(page, started.#pages.remoteUrl, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#pages[Symbol.asyncDispose]();
  }
}
