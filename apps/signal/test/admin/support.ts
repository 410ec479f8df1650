import type { IncomingMessage } from "node:http";
import { silentLogger } from "@conic/domain";
import { createSignalingServer, type PeerInfo, type RoomInfo } from "@conic/server";
import { adminRoute } from "../../src/admin/admin.js";
import { LocalSource } from "../../src/admin/local.js";
import { createHttpServer } from "../../src/http.js";
import { listen, stopListening } from "../../src/listen.js";
import { Tally } from "../../src/metrics/tally.js";

export const token = "a-token-of-the-dashboard";

export function peer(id: string, more: Partial<PeerInfo> = {}): PeerInfo {
  return {
    id: id as PeerInfo["id"],
    connectionId: "c1",
    remoteAddress: "198.51.100.7",
    registeredAt: 1,
    rooms: [],
    away: false,
    dialect: "conic.v1",
    ...more,
  };
}

export interface AskInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

export interface Served extends AsyncDisposable {
  readonly port: number;
  readonly tally: Tally;
  /** Ids that were disconnected. */
  readonly kicked: readonly string[];
  /** With the token, unless other headers are given. */
  ask(path: string, init?: AskInit): Promise<Response>;
}

export interface ServeOptions {
  readonly peers?: Iterable<PeerInfo>;
  readonly rooms?: Iterable<RoomInfo>;
  readonly addressOf?: (request: IncomingMessage) => string;
  readonly ready?: () => boolean;
}

/** The dashboard on a free port, of a server of which it is believed that these are there. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const { peers = [], rooms = [], addressOf, ready = () => true } = options;
  const signaling = createSignalingServer();
  const tally = new Tally(() => undefined);
  const kicked: string[] = [];
  const source = new LocalSource({
    signaling: {
      stats: () => signaling.stats(),
      peers: () => peers,
      rooms: () => rooms,
      disconnect: (id) => {
        // What the grammar of ids does not allow is refused as the real one refuses it.
        signaling.disconnect(id);
        const found = Array.from(peers).some((one) => one.id === id);
        if (found) kicked.push(id);
        return found;
      },
    },
    tally,
    ready,
    version: "1.2.3",
  });
  const admin = adminRoute(
    { token },
    { source, logger: silentLogger, ...(addressOf === undefined ? {} : { addressOf }) },
  );
  const http = createHttpServer({ path: "/ws", stats: () => signaling.stats(), admin });
  const port = await listen([http], ["127.0.0.1"], { host: "127.0.0.1", port: 0 });
  return {
    port,
    tally,
    kicked,
    ask: (path, init) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        redirect: "manual",
        ...init,
        headers: { Authorization: `Bearer ${token}`, Connection: "close", ...init?.headers },
      }),
    [Symbol.asyncDispose]: async () => {
      source[Symbol.dispose]();
      await signaling.close();
      await stopListening(http);
    },
  };
}
