import type { IncomingMessage } from "node:http";
import { ConicError, isConicError, type Logger } from "@conic/domain";
import { bearerToken, sameText } from "../access/bearer.js";
import { json, type Answer, type Route } from "../http.js";
import { Attempts } from "./attempts.js";
import type { AdminSource, PageRequest } from "./source.js";

export interface AdminApiSetup {
  readonly token: string;
  readonly source: AdminSource;
  readonly logger: Logger;
  /** Whose wrong tokens are counted together. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

const prefix = "/admin/api/";
const defaultItems = 50;
const maxItems = 100;
// The longest id or room has 64 characters; no address is longer.
const maxQueryChars = 64;

function invalid(text: string): ConicError {
  return new ConicError("invalid_argument", text);
}

function wholeOf(text: string | null, standard: number, name: string, max: number): number {
  if (text === null) return standard;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value <= max) return value;
  throw invalid(`${name} is a whole number up to ${max}`);
}

function pageRequest(query: URLSearchParams): PageRequest {
  const [text, after] = [query.get("query") ?? "", query.get("after") ?? ""];
  if (text.length > maxQueryChars || after.length > maxQueryChars) {
    throw invalid(`query and after have at most ${maxQueryChars} characters`);
  }
  const limit = wholeOf(query.get("limit"), defaultItems, "limit", maxItems);
  if (limit === 0) throw invalid(`limit is a whole number from 1 to ${maxItems}`);
  return { query: text.trim(), limit, after };
}

type Endpoint = (query: URLSearchParams, source: AdminSource) => unknown;

const readable: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["overview", (_query, source) => source.overview()],
  [
    "events",
    async (query, source) => ({
      samples: await source.samples(
        wholeOf(query.get("after"), 0, "after", Number.MAX_SAFE_INTEGER),
      ),
    }),
  ],
  ["peers", (query, source) => source.peers(pageRequest(query))],
  ["rooms", (query, source) => source.rooms(pageRequest(query))],
]);

/** `.` and `..` are ids, and no browser sends them as a part of a path, however they are written. */
function idOf(path: string, query: URLSearchParams): string | undefined {
  if (path === "peers/disconnect") return query.get("id") ?? "";
  const found = /^peers\/(?<id>[^/]{1,192})\/disconnect$/.exec(path)?.groups?.["id"];
  if (found === undefined) return undefined;
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}

/** Answers what is below /admin/api/: whoever has no token learns nothing, not even what there is. */
export class AdminApi {
  readonly #setup: AdminApiSetup;
  readonly #attempts = new Attempts();

  constructor(setup: AdminApiSetup) {
    this.#setup = setup;
  }

  readonly answer: Route = async (request) => {
    try {
      return secured(this.#refusal(request) ?? (await this.#serve(request)));
    } catch (error) {
      if (!isConicError(error)) throw error;
      return secured(json(400, { error: error.code, message: error.message }));
    }
  };

  /** A token that is right is refused too while the address has to wait: guessing would not be bounded otherwise. */
  #refusal(request: IncomingMessage): Answer | undefined {
    const { token, addressOf, now, logger } = this.#setup;
    const given = bearerToken(request);
    const challenge = { "WWW-Authenticate": "Bearer" };
    if (given === undefined) return json(401, { error: "unauthorized" }, challenge);
    const address = addressOf(request);
    const waitMs = this.#attempts.waitMs(address, now());
    if (waitMs > 0) {
      const headers = { "Retry-After": String(Math.ceil(waitMs / 1000)) };
      return json(429, { error: "rate_limited", retryAfterMs: waitMs }, headers);
    }
    if (sameText(given, token)) return undefined;
    this.#attempts.failed(address, now());
    logger.warn({}, "a wrong token at /admin");
    return json(401, { error: "unauthorized" }, challenge);
  }

  async #serve({ method, url = "" }: IncomingMessage): Promise<Answer> {
    const [target = "", search = ""] = url.split("?", 2);
    const query = new URLSearchParams(search);
    const path = target.slice(prefix.length);
    const endpoint = readable.get(path);
    if (endpoint !== undefined) {
      if (method !== "GET" && method !== "HEAD") return notAllowed("GET, HEAD");
      return json(200, await endpoint(query, this.#setup.source));
    }
    const id = idOf(path, query);
    if (id === undefined) return json(404, { error: "not_found" });
    if (method !== "POST") return notAllowed("POST");
    const disconnected = await this.#setup.source.disconnect(id);
    if (!disconnected) return json(404, { error: "target_not_found" });
    return json(200, { disconnected: id });
  }
}

function notAllowed(methods: string): Answer {
  return json(405, { error: "method_not_allowed" }, { Allow: methods });
}

/** What it says is for one pair of eyes. */
function secured(answer: Answer): Answer {
  return {
    ...answer,
    headers: {
      ...answer.headers,
      "Cross-Origin-Resource-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
    },
  };
}
