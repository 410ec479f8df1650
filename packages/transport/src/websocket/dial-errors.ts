import type { IncomingMessage } from "node:http";
import { ConicError, type ErrorCode } from "@conic/domain";
import { failure, type DialFailure } from "../dial/failure.js";
import type { Target } from "../dial/target.js";

const noRoute = ["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "ETIMEDOUT"];
const tlsPrefixes = ["ERR_TLS", "ERR_SSL", "CERT_", "UNABLE_TO_", "SELF_SIGNED", "DEPTH_ZERO"];
const reset = ["ECONNRESET", "EPIPE", "ECONNABORTED"];

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  // Several addresses were tried; what the last one said is as good as any.
  return error instanceof AggregateError ? codeOf(error.errors.at(-1)) : "";
}

/** What ws or the network said, as an error that helps. */
export function dialError(target: Target, cause: Error): ConicError {
  const code = codeOf(cause);
  const { host, port, secure } = target;
  const say = (reason: DialFailure, text: string): ConicError =>
    failure(target, reason, text, { cause });
  if (code === "ECONNREFUSED") {
    return say("refused", "nothing listens there; check that the server runs and on which port");
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_FAIL") {
    return say("dns", `the name ${host} cannot be resolved; check the spelling and the DNS`);
  }
  if (noRoute.includes(code)) {
    return say("no_route", "the host does not answer; check the address, network and firewall");
  }
  if (code === "EPROTO" || tlsPrefixes.some((prefix) => code.startsWith(prefix))) {
    return say(
      "tls",
      `TLS failed (${code}); check the certificate and its name, and that port ${port} speaks TLS`,
    );
  }
  if (reset.includes(code)) {
    const hint = secure ? "" : "; if it expects TLS, use wss://";
    return say("reset", `the other end hung up during the handshake (${code})${hint}`);
  }
  if (code.startsWith("HPE_") || code === "") {
    return say("not_websocket", `what answers is no WebSocket server for this (${cause.message})`);
  }
  return say("other", cause.message === "" ? code : cause.message);
}

/** Statuses that will not change by dialing again. */
const finalStatuses: Readonly<Record<number, ErrorCode>> = {
  401: "unauthorized",
  403: "forbidden",
};

/** Retry-After (RFC 9110 section 10.2.3): seconds or a date. Undefined for what is neither. */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  // A date of HTTP begins with the name of a day; Date.parse alone takes much that is no date.
  const at = /^[A-Z][a-z]+,? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** The server speaks HTTP and answered something else than 101. */
export function statusError(target: Target, response: IncomingMessage): ConicError {
  const status = response.statusCode ?? 0;
  const code = finalStatuses[status] ?? (status === 429 ? "rate_limited" : "unreachable");
  const text = `HTTP ${status} ${response.statusMessage ?? ""}`.trimEnd();
  const hint =
    code === "unreachable" && status < 500 ? "; check the path, it is no WebSocket endpoint" : "";
  const again =
    status === 429 || status === 503
      ? readRetryAfter(response.headers["retry-after"], Date.now())
      : undefined;
  return failure(target, "http_status", `the server answered ${text}${hint}`, {
    code,
    status,
    ...(again === undefined ? {} : { retryAfterMs: again }),
  });
}
