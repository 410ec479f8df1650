import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a server that can break. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Breaks every connection: both ends are told by a reset. New ones go through. */
  cut(): void;
  /** As a lost network does it: the client is told, the server's end is left open, and nobody reads it. */
  strand(): void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

function join(near: Socket, far: Socket): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.on("error", () => to.destroy());
    from.pipe(to);
  }
}

/** Listens on a free port of the loopback, and forwards to `targetPort`. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const stranded = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    const pair = { near, far };
    pairs.add(pair);
    join(near, far);
    near.once("close", () => {
      pairs.delete(pair);
      if (!stranded.has(far)) far.destroy();
    });
    far.once("close", () => {
      stranded.delete(far);
      near.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      for (const { near, far } of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    strand: () => {
      for (const { near, far } of pairs) {
        stranded.add(far);
        near.unpipe(far);
        far.unpipe(near);
        far.pause();
        near.resetAndDestroy();
      }
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      for (const far of stranded) far.destroy();
      await closed;
    },
  };
}
