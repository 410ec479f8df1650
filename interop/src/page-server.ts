import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const page = readFileSync(new URL("page.html", import.meta.url));

/** Serves page.html on a free port of this machine. */
export class PageServer implements AsyncDisposable {
  readonly #http: Server;

  private constructor(http: Server) {
    this.#http = http;
  }

  static async start(): Promise<PageServer> {
    const http = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new PageServer(http);
  }

  /** The page for a client of the server at `server` that asks for `id`. */
  url(server: string, id: string): string {
    const { port } = this.#http.address() as AddressInfo;
    return `http://127.0.0.1:${port}/?${String(new URLSearchParams({ server, id }))}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }
}
