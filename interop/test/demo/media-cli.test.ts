import { countedPattern, psnr, readFrameCounter } from "@conic/video";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { unique } from "../../../e2e/test/datachannel/support/chat.js";
import { MediaProgram } from "../../../e2e/test/media/support/media.js";
import { DemoBrowser } from "../../src/demo/browser.js";
import { framesOf } from "../../src/demo/flows.js";
import { Senses } from "../../src/demo/senses.js";

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

/** Of sixty frames and more that the program sent, as good as all were decoded; a busy machine has worse moments. */
async function keepsPace(senses: Senses, program: MediaProgram): Promise<void> {
  const count = async (): Promise<readonly [sent: number, decoded: number]> => [
    framesOf(program, "send", "video"),
    (await senses.inbound("video"))["framesDecoded"] ?? 0,
  ];
  let before = await count();
  await expect
    .poll(async () => {
      const now = await count();
      const [sent, decoded] = [now[0] - before[0], now[1] - before[1]];
      const keptPace = sent >= 60 && decoded >= 0.9 * sent;
      // Long enough for what is under way not to matter.
      if (!keptPace && sent >= 150) before = now;
      return keptPace;
    })
    .toBe(true);
}

const size = { width: 640, height: 480, framerate: 30 } as const;

// The side whose id sorts first gives way when both change something: both ways round.
describe.each(["a-page", "z-page"])(
  "a program that sends both, to the page %s",
  { timeout: 300_000 },
  (name) => {
    it("is seen, each pixel of it, and heard, and says what it sends", async () => {
      const id = unique(name);
      await using page = await browser.peer(server.port, id);
      const senses = await Senses.of(page.page);
      await using offer = MediaProgram.offer(server.url, id, "av");
      await offer.event("calling");
      await page.accept(offer.id);
      await page.shows("#call-state", "Connected");
      await page.shows(
        "#log .news",
        "it sends sound (tone of 440 Hz) and picture (counted pattern",
      );
      await page.receives({ framesDecoded: 30, audioEnergy: 0.01 });
      // Where a busy machine was late, the sound has a gap.
      await expect.poll(() => senses.frequency()).toBeCloseTo(440, -1);
      await keepsPace(senses, offer);

      const frame = await senses.frame();
      const counter = readFrameCounter(frame) ?? 0;
      expect(counter).toBeGreaterThan(30);
      expect(psnr(frame, countedPattern(size).frameAt(counter))).toBeGreaterThan(35);

      await page.say("I see you 日本語");
      await offer.event("message", { peer: id, text: "I see you 日本語" });
      expect(offer.of("error")).toEqual([]);
      expect(page.faults).toEqual([]);
    });
  },
);
