import { readFileSync } from "node:fs";
import type { VideoFrame } from "@conic/domain";
import type { Page } from "playwright-core";
import { frameOf, parsePicture } from "../media/picture.js";

const script = readFileSync(new URL("../media/senses.js", import.meta.url), "utf8");
const path = "/demo/senses.js";

type Numbers = Readonly<Record<string, number>>;

/** What comes in the last call of a demo page, and what the page makes of it. */
export class Senses {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async of(page: Page): Promise<Senses> {
    await page.route(`**${path}`, (route) =>
      route.fulfill({ contentType: "text/javascript", body: script }),
    );
    return new Senses(page);
  }

  /** The numbers of the W3C's RTCInboundRtpStreamStats; none before there is such a stream. */
  inbound(kind: "audio" | "video"): Promise<Numbers> {
    return this.#page.evaluate(async (wanted) => {
      const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
      const found: Record<string, number> = {};
      const reports = await connections.at(-1)?.getStats();
      reports?.forEach((report: Record<string, unknown>) => {
        if (report["type"] !== "inbound-rtp" || report["kind"] !== wanted) return;
        for (const [name, value] of Object.entries(report)) {
          if (typeof value === "number") found[name] = value;
        }
      });
      return found;
    }, kind);
  }

  /** The peer's picture, as it is shown now. */
  async frame(): Promise<VideoFrame> {
    const json = await this.#run<string | undefined>(
      'senses.picture(document.querySelector(".tile:not(.own) video"))',
    );
    if (json === undefined) throw new Error("the page shows no picture of the peer");
    return frameOf(parsePicture(json));
  }

  /** The strongest frequency in the peer's sound, in Hz. */
  frequency(): Promise<number> {
    return this.#run(
      'senses.frequency(document.querySelector(".sounds li:not(.own) audio").srcObject)',
    );
  }

  #run<T>(expression: string): Promise<T> {
    return this.#page.evaluate<T>(`import("${path}").then((senses) => ${expression})`);
  }
}
