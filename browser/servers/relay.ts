import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ConicError, isConicError, type Connection } from "@conic/domain";
import { acceptWebSockets } from "@conic/transport";

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
}

/** Hands on what arrives as fast as it is taken, and then how the connection ended. */
async function pump(from: Connection, to: Connection): Promise<void> {
  try {
    for await (const frame of from) if (!to.send(frame)) await to.ready();
    const { code, reason, wasClean } = await from.closed;
    // 1005: a close frame without a code, which is sent as such when none is named.
    if (wasClean) await to.close(code === 1005 ? {} : { code, reason });
    else to.abort(new ConicError("closed", "the other half of the pair was lost"));
  } catch (error) {
    if (!isConicError(error, "closed")) throw error;
    from.abort(error);
  }
}

/** Joins the connections of a pair, so that two sockets of one page talk with each other. */
export async function startRelay(): Promise<RunningServer> {
  const http = createServer();
  const open = new Set<Connection>();
  const waiting = new Map<string, Connection>();
  const acceptor = acceptWebSockets(http, {
    onConnection: (connection, request) => {
      open.add(connection);
      const pair = new URL(request.url ?? "/", "ws://localhost").searchParams.get("pair") ?? "";
      const other = waiting.get(pair);
      waiting.delete(pair);
      void connection.closed.then(() => {
        open.delete(connection);
        if (waiting.get(pair) === connection) waiting.delete(pair);
      });
      if (other === undefined) waiting.set(pair, connection);
      else void Promise.all([pump(connection, other), pump(other, connection)]);
    },
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`,
    [Symbol.asyncDispose]: async () => {
      for (const connection of open)
        connection.abort(new ConicError("aborted", "the tests are over"));
      await acceptor.close();
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}
