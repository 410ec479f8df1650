import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

// Below what Linux (32768), macOS and Windows (49152) take for outgoing connections and for port 0.
const [lowest, highest] = [20_000, 29_999];

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch {
    return false;
  }
  const closed = once(server, "close");
  server.close();
  await closed;
  return true;
}

/**
 * A free port that stays free while nobody listens on it, for a server that goes away and comes back: a port that the
 * system gave may by then belong to an outgoing connection of any process.
 */
export async function steadyPort(host: string = "127.0.0.1"): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest + 1);
    if (await isFree(port, host)) return port;
  }
}
