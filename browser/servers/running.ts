import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** A server on a port of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
}

/** Listens on a free port of this machine; disposing frees it, after `end` has ended what is open. */
export async function listening(server: Server, end: () => void): Promise<RunningServer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      end();
      await closed;
    },
  };
}
