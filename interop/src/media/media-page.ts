import {
  AsyncQueue,
  parseClientId,
  type Signal,
  type SignalingChannel,
  type SignalingEvent,
} from "@conic/domain";
import type { Page } from "playwright-core";
import { parsePicture, type Picture } from "./picture.js";

/** RTCInboundRtpStreamStats and its siblings, as far as a test looks. */
export interface BrowserStats {
  readonly type: "inbound-rtp" | "outbound-rtp" | "remote-inbound-rtp";
  readonly kind: "audio" | "video";
  readonly [name: string]: unknown;
}

/** A page in a browser that sends its devices and plays what comes. */
export class MediaPage implements AsyncDisposable {
  readonly #page: Page;
  readonly #inbox = new AsyncQueue<SignalingEvent>({ maxItems: 256 });

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(page: Page, url: string): Promise<MediaPage> {
    const opened = new MediaPage(page);
    await page.exposeFunction("toTest", (json: string) => {
      opened.#inbox.push(JSON.parse(json) as Signal);
    });
    await page.goto(url);
    await page.waitForFunction("globalThis.isReady === true");
    return opened;
  }

  /** The way to the page for a peer connection of this process. */
  get signaling(): SignalingChannel {
    const inbox = this.#inbox;
    return {
      localId: parseClientId("node"),
      remoteId: parseClientId("browser"),
      send: async (signal) => {
        await this.#page.evaluate(`signal(${JSON.stringify(JSON.stringify(signal))})`);
      },
      [Symbol.asyncIterator]: () => inbox[Symbol.asyncIterator](),
      [Symbol.asyncDispose]: () => {
        inbox.end();
        return Promise.resolve();
      },
    };
  }

  async startSending(kind: "audio" | "video"): Promise<void> {
    await this.#page.evaluate(`startSending("${kind}")`);
  }

  async stopSending(kind: "audio" | "video"): Promise<void> {
    await this.#page.evaluate(`stopSending("${kind}")`);
  }

  async statistics(): Promise<readonly BrowserStats[]> {
    return JSON.parse(await this.#page.evaluate<string>("statistics()")) as BrowserStats[];
  }

  /** One number of the stream of one kind that comes; 0 before it is there. */
  async inbound(kind: "audio" | "video", name: string): Promise<number> {
    const found = (await this.statistics()).find(
      (stats) => stats.type === "inbound-rtp" && stats.kind === kind,
    );
    return Number(found?.[name] ?? 0);
  }

  async picture(): Promise<Picture | undefined> {
    const json = await this.#page.evaluate<string | undefined>("picture()");
    return json === undefined ? undefined : parsePicture(json);
  }

  async frequency(): Promise<number> {
    return this.#page.evaluate<number>("frequency()");
  }

  /** What the page's script failed at. */
  async faults(): Promise<readonly string[]> {
    return this.#page.evaluate<string[]>("faults");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#inbox.end();
    await this.#page.close();
  }
}
