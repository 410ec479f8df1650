import { createServer, STATUS_CODES } from "node:http";
import { WebSocketServer, type WebSocket } from "ws";
import type { Orders } from "./provided.js";
import { listening, type RunningServer } from "./running.js";

interface Ended {
  readonly code: number;
  readonly reason: string;
}

/** How connections ended, by name. */
class Ends {
  readonly #known = new Map<string, Promise<Ended>>();
  readonly #settle = new Map<string, (ended: Ended) => void>();

  of(name: string): Promise<Ended> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const ended = new Promise<Ended>((resolve) => this.#settle.set(name, resolve));
    this.#known.set(name, ended);
    return ended;
  }

  note(name: string, ended: Ended): void {
    void this.of(name);
    this.#settle.get(name)?.(ended);
  }
}

/** Connections that are not read, by name. */
const deafOnes = new Map<string, WebSocket>();

function obey(socket: WebSocket, orders: Orders, ends: Ends): void {
  const { bytes, count, binary, close, reason, cut, deaf, end, name, watch } = orders;
  if (watch !== undefined) {
    void ends.of(watch).then((ended) => {
      socket.send(JSON.stringify(ended));
    });
    return;
  }
  if (name !== undefined) {
    socket.on("close", (code, text) => {
      ends.note(name, { code, reason: text.toString() });
    });
  }
  if (deaf !== undefined) {
    socket.pause();
    deafOnes.set(deaf, socket);
  }
  if (end !== undefined) {
    deafOnes.get(end)?.terminate();
    deafOnes.delete(end);
    socket.close();
  }
  if (bytes !== undefined) socket.send("x".repeat(Number(bytes)));
  for (let sent = 0; sent < Number(count ?? 0); sent += 1) socket.send("x");
  if (binary !== undefined) socket.send(new Uint8Array(4));
  if (close !== undefined) socket.close(Number(close), reason ?? "");
  if (cut !== undefined) socket.terminate();
}

/** Does to a connection what the query of its URL says. */
export function startObedient(): Promise<RunningServer> {
  const http = createServer();
  const ends = new Ends();
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has("conic.v1") ? "conic.v1" : false),
  });
  http.on("upgrade", (request, stream, head) => {
    const query = new URL(request.url ?? "/", "ws://localhost").searchParams;
    const orders: Orders = Object.fromEntries(query);
    if (orders.status !== undefined) {
      stream.end(`HTTP/1.1 ${orders.status} ${STATUS_CODES[orders.status] ?? ""}\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, stream, head, (socket) => {
      socket.on("error", () => undefined);
      obey(socket, orders, ends);
    });
  });
  return listening(http, () => {
    for (const socket of server.clients) socket.terminate();
    http.closeAllConnections();
  });
}
