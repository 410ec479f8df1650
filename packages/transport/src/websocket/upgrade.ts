import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isConicError, type ConicError, type ErrorCode } from "@conic/domain";

/** An HTTP answer to an upgrade request that is not granted. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const statuses: Partial<Record<ErrorCode, number>> = {
  unauthorized: 401,
  forbidden: 403,
  target_not_found: 404,
  too_large: 413,
  rate_limited: 429,
  internal: 500,
  shutting_down: 503,
};

/** Default of Retry-After, in seconds, for refusals that pass by themselves. */
const retryAfterSeconds = 1;

function retryHeaders(error: ConicError, status: number): Readonly<Record<string, string>> {
  const { retryAfterMs } = error.details;
  if (typeof retryAfterMs === "number") {
    return { "Retry-After": String(Math.max(0, Math.ceil(retryAfterMs / 1000))) };
  }
  return status === 429 || status === 503 ? { "Retry-After": String(retryAfterSeconds) } : {};
}

/** What a thrown value means in HTTP. What is no ConicError, or is one of ours to mend, is not shown to the client. */
export function refusalOf(thrown: unknown): Refusal {
  if (!isConicError(thrown)) return { status: 500, message: "internal" };
  // RFC 6585 section 4: 429 is about this one client; it would look for the fault in what it does itself.
  const everybody = thrown.code === "rate_limited" && thrown.details["scope"] === "server";
  const status = everybody ? 503 : (statuses[thrown.code] ?? 400);
  const message = status === 500 ? "internal" : `${thrown.code}: ${thrown.message}`;
  return { status, message, headers: retryHeaders(thrown, status) };
}

export function unavailable(message: string): Refusal {
  return { status: 503, message, headers: { "Retry-After": String(retryAfterSeconds) } };
}

/** What RFC 6455 section 4.2.1 asks of a request, but for what its answer is made of. */
export function checkUpgrade(request: IncomingMessage): Refusal | undefined {
  if (request.method !== "GET") {
    return { status: 405, message: "a WebSocket begins with GET", headers: { Allow: "GET" } };
  }
  const headers = {
    Connection: "Upgrade, close",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
  };
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    return { status: 426, message: "only websocket is spoken here", headers };
  }
  if (request.headers["sec-websocket-version"] !== "13") {
    return { status: 426, message: "only version 13 is spoken here", headers };
  }
  return undefined;
}

/** Answers and ends the connection, also towards a client that does not read or has gone. */
export function refuse(stream: Duplex, refusal: Refusal): void {
  const body = `${refusal.message.replaceAll(/[\r\n]+/g, " ")}\n`;
  const headers = {
    Connection: "close",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
    ...refusal.headers,
  };
  const head = [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ""}`];
  for (const [name, value] of Object.entries(headers)) head.push(`${name}: ${value}`);
  stream.once("finish", () => {
    stream.destroy();
  });
  stream.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** The path of a request without its query. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "";
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}
