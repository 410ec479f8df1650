import type { Page } from "playwright-core";

/** What page.html reports. */
export interface PageEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A page in a browser that speaks Conic's protocol by itself. */
export class BrowserPeer implements AsyncDisposable {
  readonly id: string;
  readonly #page: Page;
  readonly #faults: string[] = [];

  constructor(page: Page, id: string) {
    this.#page = page;
    this.id = id;
    page.on("pageerror", (error) => this.#faults.push(String(error)));
  }

  /** What the page's script failed to catch. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Everything that happened, without the data of binary messages. */
  async events(): Promise<readonly PageEvent[]> {
    const text = await this.#page.evaluate<string>(
      "JSON.stringify(events, (key, value) => (key === 'data' ? undefined : value))",
    );
    return JSON.parse(text) as PageEvent[];
  }

  /** Waits for an event with all of these fields. @throws Error with all that happened when it does not come. */
  async event(fields: Readonly<Record<string, unknown>>, timeoutMs = 60_000): Promise<void> {
    const wanted = JSON.stringify(fields);
    const found =
      `events.some((event) => Object.entries(${wanted})` +
      `.every(([key, value]) => event[key] === value))`;
    try {
      await this.#page.waitForFunction(found, undefined, { timeout: timeoutMs, polling: 20 });
    } catch (error) {
      const happened = (await this.events()).map((event) => JSON.stringify(event).slice(0, 300));
      throw new Error(`${this.id} waits for ${wanted}, but has:\n${happened.join("\n")}`, {
        cause: error,
      });
    }
  }

  async call(peer: string, label = "chat"): Promise<void> {
    await this.#run("call", peer, label);
  }

  async say(peer: string, label: string, text: string): Promise<void> {
    await this.#run("say", peer, label, text);
  }

  async sayBytes(peer: string, label: string, bytes: Uint8Array): Promise<void> {
    const base64 = JSON.stringify(Buffer.from(bytes).toString("base64"));
    const array = `Uint8Array.from(atob(${base64}), (character) => character.charCodeAt(0))`;
    await this.#page.evaluate(`say(${JSON.stringify(peer)}, ${JSON.stringify(label)}, ${array})`);
  }

  /** The data of the n-th binary message. */
  async bytes(n: number): Promise<Uint8Array> {
    const data = `events.filter((event) => event.data !== undefined)[${n}].data`;
    const base64 = await this.#page.evaluate<string>(
      `btoa(Array.from(${data}, (byte) => String.fromCharCode(byte)).join(""))`,
    );
    return Uint8Array.from(Buffer.from(base64, "base64"));
  }

  async hangUp(peer: string): Promise<void> {
    await this.#run("hangUp", peer);
  }

  /** As the reload button does; resolves once the new page is registered. */
  async reload(): Promise<void> {
    await this.#page.reload();
    await this.event({ event: "registered", id: this.id });
  }

  /** The local candidates of the connection to `peer`, as Chromium wrote them into its description. */
  async localCandidates(peer: string): Promise<readonly string[]> {
    const sdp = await this.#page.evaluate<string>(
      `peers.get(${JSON.stringify(peer)}).connection.localDescription.sdp`,
    );
    return sdp.split("\r\n").filter((line) => line.startsWith("a=candidate:"));
  }

  /** Fills the page's form in, as a person does. */
  async useForms(peer: string, text: string): Promise<void> {
    await this.#page.fill("[name=peer]", peer);
    await this.#page.fill("[name=text]", text);
    await this.#page.click("#send button");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#page.close();
  }

  async #run(name: string, ...args: readonly string[]): Promise<void> {
    await this.#page.evaluate(`${name}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`);
  }
}
