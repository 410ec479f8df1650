import { createSignalingServer, type SignalingServerOptions } from "../../src/index.js";
import type { SignalingServer } from "../../src/index.js";
import { TestClient } from "../support/client.js";
import { openHost } from "../support/host.js";
import { GoClient } from "./go-client.js";

/** A server, and clients of both dialects. */
export interface DialectWorld extends AsyncDisposable {
  readonly server: SignalingServer;
  readonly url: string;
  go(): Promise<GoClient>;
  v1(protocols?: readonly string[]): Promise<TestClient>;
}

export async function start(options: SignalingServerOptions = {}): Promise<DialectWorld> {
  const host = await openHost();
  const server = createSignalingServer(options);
  server.attach(host.http);
  return {
    server,
    go: () => GoClient.dial(host.url()),
    v1: (protocols: readonly string[] = []) => TestClient.dial(host.url(), { protocols }),
    url: host.url(),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await host[Symbol.asyncDispose]();
    },
  };
}
