import type { IncomingMessage } from "node:http";
import { bearerToken, sameText } from "../access/bearer.js";
import { isExposed } from "../access/exposure.js";
import { json, type Answer, type Route } from "../http.js";
import type { MetricsOptions } from "./options.js";
import type { Metrics } from "./prometheus.js";

/** Set by proxies: behind one on this machine, everybody seems to come from this machine. */
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

function isLocal({ socket, headers }: IncomingMessage): boolean {
  const { remoteAddress = "" } = socket;
  const address = remoteAddress.replace(/^::ffff:(?=[\d.]+$)/, "");
  if (address === "" || isExposed(address)) return false;
  return proxyHeaders.every((name) => headers[name] === undefined);
}

function refusal({ token, own }: MetricsOptions, request: IncomingMessage): Answer | undefined {
  if (token !== undefined) {
    if (sameText(bearerToken(request) ?? "", token)) return undefined;
    return json(401, { error: "unauthorized" }, { "WWW-Authenticate": "Bearer" });
  }
  if (own !== undefined || isLocal(request)) return undefined;
  return json(403, { error: "forbidden", try: "--metrics-token-file or --metrics-port" });
}

/** Answers /metrics: it tells how many people do what, so not everybody may ask. */
export function metricsRoute(
  metrics: Pick<Metrics, "contentType" | "text">,
  options: MetricsOptions,
): Route {
  return (request) => {
    const refused = refusal(options, request);
    if (refused !== undefined) return refused;
    return metrics.text().then((text) => ({
      status: 200,
      headers: { "Content-Type": metrics.contentType, "Cache-Control": "no-store" },
      body: Buffer.from(text),
    }));
  };
}
