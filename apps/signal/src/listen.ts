import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ExitError, exitCodes } from "@conic/internal-cli";

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
}

/** Connections that wait to be accepted. Node's own default, 511, refuses some of a burst. */
const backlog = 4096;
/** Free ports are tried this often until one is free on every address. */
const maxAttempts = 20;

/**
 * The addresses of a host. `localhost` is both loopbacks: clients resolve it to one or the other, and neither is
 * seen by other machines.
 */
export function addressesOf(host: string): readonly string[] {
  return host === "localhost" ? ["127.0.0.1", "::1"] : [host.replace(/^\[(.*)\]$/, "$1")];
}

/**
 * Lets one server listen on each address, all on one port. Addresses that this machine does not have are left out
 * while at least one is there. Resolves to the port.
 * `prefix` is that of the options to change where it fails.
 *
 * @throws ExitError with code 2 and what to do about it.
 */
export async function listen(
  servers: readonly Server[],
  addresses: readonly string[],
  options: ListenOptions,
  prefix: "" | "metrics-" = "",
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnce(servers, addresses, options.port);
    } catch (error) {
      await Promise.all(servers.map(stopListening));
      const unlucky = options.port === 0 && codeOf(error) === "EADDRINUSE";
      if (!unlucky || attempt >= maxAttempts) throw explain(error, options, prefix);
    }
  }
}

/**
 * The port to listen on: a free one for 0. Several processes that are to share it must know it before they listen.
 * @throws ExitError with code 2 and what to do about it.
 */
export async function freePort(
  options: ListenOptions,
  prefix: "" | "metrics-" = "",
): Promise<number> {
  if (options.port !== 0) return options.port;
  const addresses = addressesOf(options.host);
  const servers = addresses.map(() => createServer());
  const port = await listen(servers, addresses, options, prefix);
  await Promise.all(servers.map(stopListening));
  return port;
}

/** Ends every connection, also those in the middle of a request. */
export async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function listenOnce(
  servers: readonly Server[],
  addresses: readonly string[],
  wantedPort: number,
): Promise<number> {
  let port = wantedPort;
  let missing: unknown;
  for (const [i, server] of servers.entries()) {
    try {
      server.listen({ host: addresses[i], port, backlog });
      await once(server, "listening");
      ({ port } = server.address() as AddressInfo);
    } catch (error) {
      const absent = ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(codeOf(error));
      if (!absent || servers.length === 1) throw error;
      missing = error;
    }
  }
  if (servers.some((server) => server.listening)) return port;
  throw missing;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function explain(error: unknown, { host, port }: ListenOptions, prefix: string): unknown {
  const usage = (message: string): ExitError =>
    new ExitError(exitCodes.usage, message, { cause: error });
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return usage(
        `port ${port} on ${host} is in use: stop what uses it or choose another with --${prefix}port`,
      );
    case "EACCES":
    case "EPERM":
      return usage(
        `port ${port} on ${host} is not permitted: choose one from 1024 with --${prefix}port`,
      );
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return usage(`${host} is no address of this machine: choose another with --${prefix}host`);
    default:
      return error;
  }
}
