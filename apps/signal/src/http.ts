import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer, type Server as HttpsServer } from "node:https";
import type { ServerStats } from "@conic/server";
import { defaultHttpLimits, type HttpLimits } from "./limits/read.js";
import type { Certificate } from "./tls/certificate.js";
import { isUnchanged, type StaticFiles } from "./static.js";

export interface HttpOptions {
  /** Default: 5 s, and 8 KiB. */
  readonly limits?: HttpLimits;
  /** What to serve https with; without it, http. */
  readonly certificate?: Certificate | undefined;
  /** Path of the WebSocket endpoint. */
  readonly path: string;
  readonly stats: () => ServerStats;
  /** Answers /stats. Default: with those. */
  readonly total?: Route | undefined;
  /** Whether it takes new clients. Default: until the signaling server is closed. */
  readonly ready?: () => boolean;
  /** Answers /metrics; without it there is none. */
  readonly metrics?: Route | undefined;
  /** The page at /demo; without them there is none. */
  readonly demo?: StaticFiles | undefined;
  /** Answers what begins with /admin, by any method; without it there is nothing there. */
  readonly admin?: Route | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** None: the status says it all. */
  readonly body?: Buffer;
}

export type Route = (request: IncomingMessage) => Answer | Promise<Answer>;

export function json(status: number, value: unknown, headers?: Answer["headers"]): Answer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  const own = { "Content-Type": "application/json", "Cache-Control": "no-store" };
  return { status, body, headers: { ...own, ...headers } };
}

function notFound({ path, demo, metrics, admin }: HttpOptions): Answer {
  const paths = { health: "/healthz", ready: "/readyz", stats: "/stats", websocket: path };
  const scrape = metrics === undefined ? {} : { metrics: "/metrics" };
  const page = demo === undefined ? {} : { demo: "/demo/" };
  const dashboard = admin === undefined ? {} : { admin: "/admin/" };
  return json(404, { error: "not_found", paths: { ...paths, ...scrape, ...page, ...dashboard } });
}

/** A page's own paths begin at /name/: what it loads is relative to that, also behind a proxy with a prefix. */
function toFolder(name: string): Route {
  return ({ url = "" }) => {
    const query = url.includes("?") ? url.slice(url.indexOf("?")) : "";
    return { status: 308, headers: { Location: `${name}/${query}`, "Cache-Control": "no-cache" } };
  };
}

/** The files of a page at /name/. */
export function pageRoutes(
  name: string,
  files: StaticFiles,
): readonly (readonly [string, Route])[] {
  const routes = Array.from(files, ([path, file]): readonly [string, Route] => [
    path,
    (request) =>
      isUnchanged(file, request.headers["if-none-match"])
        ? { status: 304, headers: file.headers }
        : { status: 200, headers: file.headers, body: file.body },
  ]);
  return [[`/${name}`, toFolder(name)], ...routes];
}

function createRoutes(options: HttpOptions): ReadonlyMap<string, Route> {
  const { path, stats, demo, metrics, ready = () => !stats().closing } = options;
  const headers = { Connection: "Upgrade, close", Upgrade: "websocket" };
  return new Map<string, Route>([
    ...(demo === undefined ? [] : pageRoutes("demo", demo)),
    [path, () => json(426, { error: "upgrade_required" }, headers)],
    ["/stats", options.total ?? (() => json(200, stats()))],
    // Whoever restarts what is not healthy must not cut a shutdown short.
    ["/healthz", () => json(200, { status: "ok" })],
    ["/readyz", () => (ready() ? json(200, { status: "ok" }) : json(503, { status: "draining" }))],
    ...(metrics === undefined ? [] : [["/metrics", metrics] as const]),
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

async function answer(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let found: Answer;
  try {
    const pending = route(request);
    found = pending instanceof Promise ? await pending : pending;
  } catch {
    found = json(500, { error: "internal" });
  }
  send(response, found, request.method ?? "");
}

/** Answers what is no WebSocket: health, statistics and the demo page, and for the rest, where they are. */
export function createRequestListener(options: HttpOptions): RequestListener {
  const routes = createRoutes(options);
  return (request, response) => {
    const { method = "", url = "" } = request;
    const path = url.split("?", 1)[0] ?? "";
    const route = routes.get(path);
    const allowed = method === "GET" || method === "HEAD";
    const { admin } = options;
    if (route === undefined && admin !== undefined && /^\/admin(?:\/|$)/.test(path)) {
      void answer(admin, request, response);
    } else if (route === undefined) send(response, notFound(options), method);
    else if (allowed) void answer(route, request, response);
    else send(response, json(405, { error: "method_not_allowed" }, { Allow: "GET, HEAD" }), method);
  };
}

/** Serves nothing but the metrics. */
export function createMetricsServer(metrics: Route): Server {
  return harden((request, response) => {
    const { method = "", url = "" } = request;
    const readable = method === "GET" || method === "HEAD";
    if (readable && url.split("?", 1)[0] === "/metrics") void answer(metrics, request, response);
    else send(response, json(404, { error: "not_found", paths: { metrics: "/metrics" } }), method);
  });
}

export function createHttpServer(options: HttpOptions): Server {
  const { limits, certificate } = options;
  return harden(createRequestListener(options), limits, certificate);
}

/** An HTTP server that lets nobody hold a socket by sending slowly, or fill the memory with headers. */
function harden(
  listener: RequestListener,
  { handshakeTimeoutMs, maxHeaderBytes }: HttpLimits = defaultHttpLimits,
  certificate?: Certificate,
): Server {
  const options = {
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: maxHeaderBytes,
    noDelay: true,
  };
  const server =
    certificate === undefined
      ? createServer(options, listener)
      : secure({ ...options, handshakeTimeout: handshakeTimeoutMs }, listener, certificate);
  server.maxHeadersCount = 64;
  return server;
}

/** Node's own limit for TLS handshakes is two minutes. */
function secure(options: object, listener: RequestListener, certificate: Certificate): HttpsServer {
  const server = createSecureServer({ ...options, ...certificate.options }, listener);
  certificate.serve(server);
  return server;
}
