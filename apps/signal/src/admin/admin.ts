import type { IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks";
import type { Logger } from "@conic/domain";
import { requestAddress } from "@conic/server";
import { json, pageRoutes, type Route } from "../http.js";
import { contentPolicy, loadPage } from "../static.js";
import { version } from "../version.js";
import { AdminApi } from "./api.js";
import { answerTo, CombinedSource, type AdminAnswer, type AdminQuestion } from "./combined.js";
import { LocalSource, type LocalSourceSetup } from "./local.js";
import type { AdminOptions } from "./options.js";
import type { AdminSource } from "./source.js";

const headers: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentPolicy(),
  "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
  "Cross-Origin-Opener-Policy": "same-origin",
};

export interface AdminSetup {
  readonly source: AdminSource;
  readonly logger: Logger;
  /** Default: the address of the connection. */
  readonly addressOf?: (request: IncomingMessage) => string;
}

/**
 * Answers all below /admin: the page, which holds nothing that is secret, and its API, which asks for the token.
 * @throws Error of node:fs when the package is not complete.
 */
export function adminRoute({ token }: AdminOptions, setup: AdminSetup): Route {
  const { source, logger, addressOf = requestAddress() } = setup;
  const api = new AdminApi({ token, source, logger, addressOf, now: () => performance.now() });
  const pages = new Map<string, Route>(pageRoutes("admin", loadPage("admin", headers)));
  return (request) => {
    const { method = "", url = "" } = request;
    const path = url.split("?", 1)[0] ?? "";
    if (path.startsWith("/admin/api/")) return api.answer(request);
    const page = pages.get(path);
    if (page === undefined) return json(404, { error: "not_found" });
    if (method === "GET" || method === "HEAD") return page(request);
    return json(405, { error: "method_not_allowed" }, { Allow: "GET, HEAD" });
  };
}

/** A dashboard that runs: disposing it ends its timer. */
export interface Admin extends Disposable {
  readonly route: Route;
}

/** To the processes that share the port with this one. */
export interface AdminLink {
  /** Asks all of them, this one too. */
  inquire(question: AdminQuestion): Promise<readonly AdminAnswer[]>;
  /** Is set to what answers for this one. */
  answer: ((question: AdminQuestion) => Promise<AdminAnswer>) | undefined;
}

export interface AdminStart {
  readonly admin: AdminOptions | undefined;
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[];
}

/** Undefined where there is no token: then nothing is counted for it, and nothing is there. */
export function startAdmin(
  { admin, trustedProxies }: AdminStart,
  setup: Omit<LocalSourceSetup, "version"> | undefined,
  logger: Logger,
  others?: AdminLink,
): Admin | undefined {
  if (admin === undefined || setup === undefined) return undefined;
  const local = new LocalSource({ ...setup, version: version() });
  if (others !== undefined) others.answer = (question) => answerTo(local, question);
  const source =
    others === undefined ? local : new CombinedSource((question) => others.inquire(question));
  return {
    route: adminRoute(admin, { source, logger, addressOf: requestAddress(trustedProxies) }),
    [Symbol.dispose]: () => {
      local[Symbol.dispose]();
    },
  };
}
