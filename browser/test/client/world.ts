import { connect, type ConicClient, type ConnectOptions } from "@conic/client";
import { inject } from "vitest";

/** Clients on this page, at the server that runs in Node; disposing it closes them. */
export class PageWorld implements AsyncDisposable {
  readonly #clients: ConicClient[] = [];

  async client(id: string, options: ConnectOptions = {}): Promise<ConicClient> {
    const backoff = { initialMs: 20, maxMs: 200 };
    const client = await connect(inject("servers").signaling, { id, backoff, ...options });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}
