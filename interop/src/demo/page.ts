import type { Page } from "playwright-core";

/** Only a failure reaches it, also on a busy machine. */
const timeout = 60_000;

/** What has come, of all connections of a page together. */
export interface Received {
  readonly framesDecoded: number;
  /** As in totalAudioEnergy of the W3C's statistics. */
  readonly audioEnergy: number;
}

/** Runs in the page: sums over the connections that test code records there. */
async function sumReceived(): Promise<Received> {
  const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
  let [framesDecoded, audioEnergy] = [0, 0];
  for (const connection of connections) {
    const reports = await connection.getStats();
    reports.forEach((report: Record<string, unknown>) => {
      if (report["type"] !== "inbound-rtp") return;
      framesDecoded += Number(report["framesDecoded"] ?? 0);
      audioEnergy += Number(report["totalAudioEnergy"] ?? 0);
    });
  }
  return { framesDecoded, audioEnergy };
}

/** The demo page, used as a person does. Disposing it fails when it broke one of its promises. */
export class DemoPage implements AsyncDisposable {
  readonly page: Page;
  readonly #faults: string[] = [];
  #descriptions = 0;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(timeout);
    page.on("pageerror", (error) => this.#faults.push(String(error)));
    page.on("console", (message) => {
      // A violation of the content security policy comes this way. A server that is gone does, too.
      const text = message.text();
      if (message.type() === "error" && !text.includes("WebSocket connection"))
        this.#faults.push(text);
    });
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        if (String(payload).startsWith('{"type":"sdp"')) this.#descriptions += 1;
      });
    });
    page.on("request", (request) => {
      const { origin } = new URL(page.url() === "about:blank" ? request.url() : page.url());
      if (new URL(request.url()).origin !== origin) this.#faults.push(`asks ${request.url()}`);
    });
  }

  /** What the page failed to catch, was not allowed to do, or asked of others. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Session descriptions that came from the server. */
  get descriptions(): number {
    return this.#descriptions;
  }

  async registered(id: string): Promise<void> {
    await this.page.waitForSelector("#server[data-state=registered]");
    await this.shows("#me", id);
  }

  /** Resolves once an element shows this text. @throws Error with what the page shows instead. */
  async shows(selector: string, text: string | RegExp): Promise<void> {
    try {
      await this.page.locator(selector, { hasText: text }).first().waitFor({ state: "visible" });
    } catch (error) {
      const now = await this.page.evaluate("document.body.innerText");
      throw new Error(`${selector} does not show "${String(text)}"; the page is:\n${String(now)}`, {
        cause: error,
      });
    }
  }

  async count(selector: string, wanted: number): Promise<void> {
    await this.page.waitForFunction(
      ([what, number]) => document.querySelectorAll(what).length === number,
      [selector, wanted] as const,
      { timeout },
    );
  }

  async call(peer: string): Promise<void> {
    await this.page.fill("#peer", peer);
    await this.page.click("#call");
  }

  async accept(peer: string): Promise<void> {
    await this.shows("#incoming", `${peer} is calling`);
    await this.page.click("#accept");
  }

  async connected(peer: string): Promise<void> {
    await this.shows("#stage-title", `Call with ${peer}`);
    await this.shows("#call-state", "Connected");
    await this.page.waitForSelector("#send:enabled");
  }

  async say(text: string): Promise<void> {
    await this.page.fill("#message", text);
    await this.page.click("#send");
    await this.shows("#log .mine", text);
  }

  async hears(text: string): Promise<void> {
    await this.shows("#log .theirs", text);
  }

  async turn(what: "mic" | "camera", on: boolean): Promise<void> {
    await this.page.click(`#${what}[aria-pressed=${String(!on)}]`);
    await this.page.waitForSelector(`#${what}[aria-pressed=${String(on)}]:enabled`);
  }

  /** Resolves once at least so much more has come. */
  async receives({ framesDecoded = 0, audioEnergy = 0 }: Partial<Received>): Promise<void> {
    const before = await this.page.evaluate(sumReceived);
    const end = performance.now() + timeout;
    for (;;) {
      const now = await this.page.evaluate(sumReceived);
      const frames = now.framesDecoded - before.framesDecoded;
      const energy = now.audioEnergy - before.audioEnergy;
      if (frames >= framesDecoded && energy >= audioEnergy) return;
      if (performance.now() > end) {
        throw new Error(`too little came from the peer: ${frames} frames, energy ${energy}`);
      }
      await this.page.waitForTimeout(200);
    }
  }

  /** Sections for sound and picture in the descriptions of the last call. */
  sections(): Promise<number> {
    return this.page.evaluate(() => {
      const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
      return connections.at(-1)?.getTransceivers().length ?? 0;
    });
  }

  async hangUp(): Promise<void> {
    await this.page.click("#hang-up");
    await this.page.waitForSelector("#lobby", { state: "visible" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
