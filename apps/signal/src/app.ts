import { isIPv6 } from "node:net";
import type { AbortOptions, Logger } from "@conic/domain";
import { createSignalingServer, type ServerStats, type SignalingServer } from "@conic/server";
import { exposedAddresses } from "./access/exposure.js";
import { serverAccess } from "./access/read.js";
import { loadDemo } from "./demo.js";
import { createHttpServer } from "./http.js";
import { addressesOf, listen, stopListening } from "./listen.js";
import type { SignalOptions } from "./options.js";

/** A server that listens. */
export interface SignalApp {
  /** Where clients connect. */
  readonly url: string;
  /**
   * Tells the clients, answers health checks until they are gone, then frees the port. When the signal fires, the
   * clients that are left are dropped.
   */
  close(options?: AbortOptions): Promise<void>;
}

/** @throws ExitError when the address cannot be had. */
export async function startApp(options: SignalOptions, logger: Logger): Promise<SignalApp> {
  const { host, path } = options;
  const access = serverAccess(options.access, logger);
  const signaling = createSignalingServer({ ...options, ...access, logger });
  const addresses = addressesOf(host);
  const demo = options.demo ? loadDemo(path) : undefined;
  const stats = (): ServerStats => signaling.stats();
  const servers = addresses.map(() => createHttpServer({ path, stats, demo }));
  for (const server of servers) signaling.attach(server);
  const port = await listen(servers, addresses, options);
  const name = isIPv6(host) ? `[${host}]` : host;
  const url = `ws://${name}:${port}${path}`;
  const page = demo === undefined ? {} : { demo: `http://${name}:${port}/demo/` };
  logger.info({ url, ...page }, "listening");
  warnIfOpen(options, exposedAddresses(servers), logger);
  return {
    url,
    close: async (closeOptions) => {
      await drop(signaling, logger, closeOptions);
      await Promise.all(servers.map(stopListening));
      logger.info({}, "stopped");
    },
  };
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
  options?: AbortOptions,
): Promise<void> {
  try {
    await signaling.close(options);
  } catch (error) {
    logger.warn({ err: error }, "some clients did not say goodbye in time");
    await signaling.close();
  }
}
