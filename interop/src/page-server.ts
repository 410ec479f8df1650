import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

function file(name: string, type: string): { readonly type: string; readonly body: Buffer } {
  return { type, body: readFileSync(new URL(name, import.meta.url)) };
}

const html = "text/html; charset=utf-8";
const script = "text/javascript; charset=utf-8";
const files = new Map([
  ["/", file("page.html", html)],
  ["/remote.html", file("remotes/remote.html", html)],
  ["/media.html", file("media/media.html", html)],
  ["/senses.js", file("media/senses.js", script)],
  ["/w3c.mjs", file("remotes/w3c.mjs", script)],
]);

/** Serves the pages for browsers on a free port of this machine. */
export class PageServer implements AsyncDisposable {
  readonly #http: Server;

  private constructor(http: Server) {
    this.#http = http;
  }

  static async start(): Promise<PageServer> {
    const http = createServer(({ url = "/" }, response) => {
      const found = files.get(url.split("?")[0] ?? url);
      if (found === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-type": found.type }).end(found.body);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new PageServer(http);
  }

  /** page.html for a client of the server at `server` that asks for `id`. */
  url(server: string, id: string): string {
    return `${this.#base}/?${String(new URLSearchParams({ server, id }))}`;
  }

  /** The page that test code drives as a remote peer. */
  get remoteUrl(): string {
    return `${this.#base}/remote.html`;
  }

  /** The page that sends and plays media. */
  get mediaUrl(): string {
    return `${this.#base}/media.html`;
  }

  get #base(): string {
    const { port } = this.#http.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }
}
