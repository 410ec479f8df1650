import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { AsyncQueue, ConicError, type Connection } from "@conic/domain";
import { collect } from "@conic/internal-testing";
import { acceptWebSockets, type AcceptOptions, type WebSocketAcceptor } from "../../src/index.js";

export interface TestServer extends AsyncDisposable {
  readonly http: Server;
  readonly acceptor: WebSocketAcceptor;
  readonly port: number;
  /** `ws://` URL of the endpoint. */
  readonly url: string;
  /** The next connection that was accepted. */
  accepted(): Promise<Connection>;
  readonly requests: IncomingMessage[];
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Closes the server with every connection to it. */
export async function shut(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** An HTTP server with one endpoint, on a free port. */
export async function serve(options: Partial<AcceptOptions> = {}): Promise<TestServer> {
  const http = createServer();
  const connections: Connection[] = [];
  const requests: IncomingMessage[] = [];
  const queue = new AsyncQueue<Connection>({ maxItems: 1000 });
  const acceptor = acceptWebSockets(http, {
    ...options,
    onConnection: (connection, request) => {
      connections.push(connection);
      requests.push(request);
      queue.push(connection);
      options.onConnection?.(connection, request);
    },
  });
  const port = await listen(http);
  return {
    http,
    acceptor,
    port,
    url: `ws://127.0.0.1:${port}${options.path ?? "/ws"}`,
    requests,
    accepted: async () => {
      const [connection] = await collect(queue, 1);
      if (connection === undefined) throw new Error("no connection came");
      return connection;
    },
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) {
        connection.abort(new ConicError("aborted", "the test is over"));
      }
      await acceptor.close();
      await shut(http);
    },
  };
}
