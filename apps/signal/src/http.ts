import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { ServerStats } from "@conic/server";
import { isUnchanged, type DemoFiles } from "./demo.js";

export interface HttpOptions {
  /** Path of the WebSocket endpoint. */
  readonly path: string;
  readonly stats: () => ServerStats;
  /** The page at /demo; without them there is none. */
  readonly demo?: DemoFiles | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** None: the status says it all. */
  readonly body?: Buffer;
}

type Route = (request: IncomingMessage) => Answer;

function json(status: number, value: unknown, headers?: Answer["headers"]): Answer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  const own = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  return { status, body, headers: { ...own, ...headers } };
}

function notFound({ path, demo }: HttpOptions): Answer {
  const paths = { health: "/healthz", stats: "/stats", websocket: path };
  const page = demo === undefined ? {} : { demo: "/demo/" };
  return json(404, { error: "not_found", paths: { ...paths, ...page } });
}

/** The page's own paths begin at /demo/: what it loads is relative to that, also behind a proxy with a prefix. */
function toDemo({ url = "" }: IncomingMessage): Answer {
  const query = url.includes("?") ? url.slice(url.indexOf("?")) : "";
  return { status: 308, headers: { Location: `demo/${query}`, "Cache-Control": "no-cache" } };
}

function demoRoutes(files: DemoFiles): readonly (readonly [string, Route])[] {
  const routes = Array.from(files, ([path, file]): readonly [string, Route] => [
    path,
    (request) =>
      isUnchanged(file, request.headers["if-none-match"])
        ? { status: 304, headers: file.headers }
        : { status: 200, headers: file.headers, body: file.body },
  ]);
  return [["/demo", toDemo], ...routes];
}

function createRoutes({ path, stats, demo }: HttpOptions): ReadonlyMap<string, Route> {
  const headers = { Connection: "Upgrade, close", Upgrade: "websocket" };
  return new Map<string, Route>([
    ...(demo === undefined ? [] : demoRoutes(demo)),
    [path, () => json(426, { error: "upgrade_required" }, headers)],
    ["/stats", () => json(200, stats())],
    [
      "/healthz",
      () => (stats().closing ? json(503, { status: "draining" }) : json(200, { status: "ok" })),
    ],
  ]);
}

function send(response: ServerResponse, { status, headers, body }: Answer, method: string): void {
  const readable = method === "GET" || method === "HEAD";
  response.writeHead(status, {
    // RFC 9110 section 8.6: in a 304 it would be that of the file.
    ...(status === 304 ? {} : { "Content-Length": body?.byteLength ?? 0 }),
    // Whoever sends a body here is not read to its end.
    ...(readable ? {} : { Connection: "close" }),
    ...headers,
  });
  response.end(method === "HEAD" ? undefined : body);
}

/** Answers what is no WebSocket: health, statistics and the demo page, and for the rest, where they are. */
export function createRequestListener(options: HttpOptions): RequestListener {
  const routes = createRoutes(options);
  return (request, response) => {
    const { method = "", url = "" } = request;
    const route = routes.get(url.split("?", 1)[0] ?? "");
    const allowed = method === "GET" || method === "HEAD";
    let answer = notFound(options);
    if (route !== undefined) {
      answer = allowed
        ? route(request)
        : json(405, { error: "method_not_allowed" }, { Allow: "GET, HEAD" });
    }
    send(response, answer, method);
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
