import { createServer } from "node:http";
import { ConicError, isConicError, type Connection } from "@conic/domain";
import { acceptWebSockets } from "@conic/transport";
import { listening, type RunningServer } from "./running.js";

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
export function startRelay(): Promise<RunningServer> {
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
  return listening(http, () => {
    for (const connection of open)
      connection.abort(new ConicError("aborted", "the tests are over"));
    void acceptor.close();
    http.closeAllConnections();
  });
}
