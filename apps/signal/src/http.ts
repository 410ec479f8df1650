import { createServer, type RequestListener, type Server } from "node:http";
import type { ServerStats } from "@conic/server";

export interface HttpOptions {
  /** Path of the WebSocket endpoint. */
  readonly path: string;
  readonly stats: () => ServerStats;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Route = () => Answer;

function notFound(path: string): Answer {
  const paths = { health: "/healthz", stats: "/stats", websocket: path };
  return { status: 404, body: { error: "not_found", paths } };
}

function createRoutes({ path, stats }: HttpOptions): ReadonlyMap<string, Route> {
  const headers = { Connection: "Upgrade, close", Upgrade: "websocket" };
  return new Map<string, Route>([
    [path, () => ({ status: 426, body: { error: "upgrade_required" }, headers })],
    ["/stats", () => ({ status: 200, body: stats() })],
    [
      "/healthz",
      () =>
        stats().closing
          ? { status: 503, body: { status: "draining" } }
          : { status: 200, body: { status: "ok" } },
    ],
  ]);
}

/** Answers what is no WebSocket: health and statistics, and for the rest, where they are. */
export function createRequestListener(options: HttpOptions): RequestListener {
  const routes = createRoutes(options);
  return (request, response) => {
    const { method = "", url = "" } = request;
    const route = routes.get(url.split("?", 1)[0] ?? "");
    const allowed = method === "GET" || method === "HEAD";
    let answer = route?.() ?? notFound(options.path);
    if (route !== undefined && !allowed) {
      const headers = { Allow: "GET, HEAD" };
      answer = { status: 405, body: { error: "method_not_allowed" }, headers };
    }
    const text = `${JSON.stringify(answer.body)}\n`;
    response.writeHead(answer.status, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
      "Cache-Control": "no-store",
      // Whoever sends a body here is not read to its end.
      ...(allowed ? {} : { Connection: "close" }),
      ...answer.headers,
    });
    response.end(method === "HEAD" ? undefined : text);
  };
}

/** An HTTP server that lets nobody hold a socket by sending slowly, or fill the memory with headers. */
export function createHttpServer(options: HttpOptions): Server {
  const server = createServer(
    {
      headersTimeout: 5000,
      requestTimeout: 5000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 8192,
      noDelay: true,
    },
    createRequestListener(options),
  );
  server.maxHeadersCount = 64;
  return server;
}
