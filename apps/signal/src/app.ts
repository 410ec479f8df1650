import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { AbortOptions, Logger } from "@conic/domain";
import { createSignalingServer, type ServerStats, type SignalingServer } from "@conic/server";
import { exposedAddresses } from "./access/exposure.js";
import { serverAccess } from "./access/apply.js";
import { startAdmin } from "./admin/admin.js";
import { loadDemo } from "./demo.js";
import { createHttpServer, createMetricsServer, type Route } from "./http.js";
import { addressesOf, listen, stopListening } from "./listen.js";
import { Certificate } from "./tls/certificate.js";
import { createMetrics, type Metrics } from "./metrics/prometheus.js";
import { metricsRoute } from "./metrics/route.js";
import { Tally } from "./metrics/tally.js";
import type { SignalOptions } from "./options.js";
import { version } from "./version.js";
import { totalsOf } from "./workers/totals.js";
import type { WorkerLink } from "./workers/worker.js";

/** Clients that all come back in one moment are a load of their own; this is how far they are kept apart. */
const maxSpreadMs = 1000;

/** A server that listens. */
export interface SignalApp {
  /** Where clients connect. */
  readonly url: string;
  /** Reads the certificate again, where there is one. */
  reload(): void;
  /** Says 503 at /readyz from now on; resolves when load balancers have had the time to notice. */
  drain(): Promise<void>;
  /**
   * Tells the clients, answers health checks until they are gone, then frees the port. When the signal fires, the
   * clients that are left are dropped.
   */
  close(options?: AbortOptions): Promise<void>;
}

/**
 * @param link - to the other processes, where this is one of several.
 * @throws ExitError when an address cannot be had.
 */
export async function startApp(
  options: SignalOptions,
  logger: Logger,
  link?: WorkerLink,
): Promise<SignalApp> {
  const { host, path } = options;
  const access = serverAccess(options.access, logger);
  let draining = false;
  const stats = (): ServerStats => signaling.stats();
  const ready = (): boolean => !draining && !stats().closing;
  const metrics = options.metrics && createMetrics({ stats, ready, version: version() });
  const tally = metrics?.tally ?? (options.admin && new Tally(() => undefined));
  const parts = { ...(tally && { observer: tally }), ...(link && { backplane: link.backplane }) };
  const signaling = createSignalingServer({ ...options, ...access, ...parts, logger });
  const totals = totalsOf(link, metrics, stats);
  const addresses = addressesOf(host);
  const demo = options.demo ? loadDemo(path) : undefined;
  const scrape = metricsOf(options, totals.metrics);
  const admin = startAdmin(options, tally && { signaling, tally, ready }, logger, link);
  const certificate = options.tls && new Certificate(options.tls, logger);
  const pages = { demo, metrics: scrape.beside, admin: admin?.route, total: totals.stats };
  const servers = addresses.map(() =>
    createHttpServer({ path, stats, ready, ...pages, limits: options.httpLimits, certificate }),
  );
  for (const server of servers) signaling.attach(server);
  const port = await listen(servers, addresses, options);
  const others = await startMetrics(options, scrape.apart, servers, logger);
  const url = announce(options, port, logger);
  // One of several says it for all.
  if ((link?.index ?? 0) === 0) warnIfOpen(options, exposedAddresses(servers), logger);
  return {
    url,
    reload: () => certificate?.reload(),
    drain: async () => {
      draining = true;
      await pause(options, logger);
    },
    close: async (closeOptions = {}) => {
      draining = true;
      // Half of the time is left for their goodbyes.
      const spreadMs = Math.min(maxSpreadMs, Math.floor(options.shutdownTimeoutMs / 2));
      await drop(signaling, logger, { ...closeOptions, spreadMs });
      await Promise.all([...servers, ...others].map(stopListening));
      await link?.backplane.close();
      admin?.[Symbol.dispose]();
      certificate?.[Symbol.dispose]();
      logger.info({}, "stopped");
    },
  };
}

/** Says where it listens. Returns where clients connect. */
function announce(options: SignalOptions, port: number, logger: Logger): string {
  const { host, path, demo, tls } = options;
  const where = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const s = tls === undefined ? "" : "s";
  const url = `ws${s}://${where}${path}`;
  logger.info({ url, ...(demo ? { demo: `http${s}://${where}/demo/` } : {}) }, "listening");
  return url;
}

async function pause({ drainMs }: SignalOptions, logger: Logger): Promise<void> {
  if (drainMs === 0) return;
  logger.info({ drainMs }, "draining: not ready for new clients");
  await delay(drainMs);
}

interface Scrape {
  /** On the port of the WebSockets. */
  readonly beside?: Route;
  /** On a port of its own. */
  readonly apart?: Route;
}

function metricsOf({ metrics: options }: SignalOptions, metrics: Metrics | undefined): Scrape {
  if (options === undefined || metrics === undefined) return {};
  const route = metricsRoute(metrics, options);
  return options.own === undefined ? { beside: route } : { apart: route };
}

/** @throws ExitError when the address cannot be had; then the servers beside it listen no more. */
async function startMetrics(
  { metrics }: SignalOptions,
  route: Route | undefined,
  beside: readonly Server[],
  logger: Logger,
): Promise<readonly Server[]> {
  const own = metrics?.own;
  if (own === undefined || route === undefined) return [];
  const addresses = addressesOf(own.host);
  const servers = addresses.map(() => createMetricsServer(route));
  try {
    const port = await listen(servers, addresses, own, "metrics-");
    const name = isIPv6(own.host) ? `[${own.host}]` : own.host;
    logger.info({ url: `http://${name}:${port}/metrics` }, "metrics");
  } catch (error) {
    await Promise.all(beside.map(stopListening));
    throw error;
  }
  return servers;
}

function warnIfOpen({ access }: SignalOptions, exposed: readonly string[], logger: Logger): void {
  if (access.auth !== undefined || exposed.length === 0) return;
  const advice = "everybody who reaches this server may register and call; --auth-secret-file or";
  logger.warn({ addresses: exposed }, `${advice} another --auth option asks for tokens`);
}

/** Closes the connections, one way or the other. */
async function drop(
  signaling: SignalingServer,
  logger: Logger,
  options: AbortOptions & { readonly spreadMs: number },
): Promise<void> {
  try {
    await signaling.close(options);
  } catch (error) {
    logger.warn({ err: error }, "some clients did not say goodbye in time");
    await signaling.close();
  }
}
