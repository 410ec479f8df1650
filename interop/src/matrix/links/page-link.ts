import type { Page } from "playwright-core";
import type { Command, RemoteEvent, RemoteLink } from "./protocol.js";

interface RemotePage {
  readonly run: (command: Command) => Promise<unknown>;
}

/** Its text goes to the page: it uses nothing from here. */
function runInPage(command: Command): Promise<unknown> {
  return (globalThis as unknown as RemotePage).run(command);
}

/** Peers in a page of a browser. */
export class PageLink implements RemoteLink {
  readonly #page: Page;
  readonly #close: () => Promise<void>;
  readonly #listeners = new Map<number, (event: RemoteEvent) => void>();

  private constructor(page: Page, close: () => Promise<void>) {
    this.#page = page;
    this.#close = close;
  }

  /** @param url of remote.html. `close` frees what the page lives in. */
  static async open(page: Page, url: string, close: () => Promise<void>): Promise<PageLink> {
    const link = new PageLink(page, close);
    page.on("pageerror", (error) => {
      link.#fail(String(error));
    });
    page.on("crash", () => {
      link.#fail("the page crashed");
    });
    await page.exposeFunction("report", (json: string) => {
      for (const event of JSON.parse(json) as RemoteEvent[]) {
        link.#listeners.get(event.peer)?.(event);
      }
    });
    await page.goto(url);
    await page.waitForFunction("globalThis.run !== undefined");
    return link;
  }

  call(command: Command): Promise<unknown> {
    return this.#page.evaluate(runInPage, command);
  }

  listen(peer: number, listener: ((event: RemoteEvent) => void) | undefined): void {
    if (listener === undefined) this.#listeners.delete(peer);
    else this.#listeners.set(peer, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #fail(message: string): void {
    for (const [peer, listener] of this.#listeners) listener({ peer, event: "fault", message });
  }
}
