import { parseClientId, raceAbort, throwIfAborted, ConicError } from "@conic/domain";
import { ConicClient } from "./client.js";
import type { ConnectOptions } from "./options.js";
import { ServerLink } from "./link/server-link.js";

/**
 * Connects to a signaling server and registers; resolves with the client once the server has given it an id.
 *
 * @param url - `ws://` or `wss://` URL of the server, such as `ws://localhost:3000/ws`.
 * @throws ConicError `invalid_argument`, `invalid_id`, `unreachable`, `timeout`, `id_taken`, `unauthorized`, `aborted`.
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<ConicClient> {
  throwIfAborted(options.signal);
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    throw new ConicError(
      "invalid_argument",
      `not a WebSocket URL: ${url}; write ws://host:port/ws`,
    );
  }
  const id = options.id === undefined ? undefined : parseClientId(options.id);
  const link = new ServerLink(url, { id, resume: undefined }, options);
  try {
    const registered = await raceAbort(link.first, options.signal);
    return new ConicClient(link, registered, options);
  } catch (error) {
    await link.close();
    throw error;
  }
}
