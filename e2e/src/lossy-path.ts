import { createSocket, type Socket, type SocketType } from "node:dgram";
import { once } from "node:events";
import { isIPv6, type AddressInfo } from "node:net";
import { WebSocketServer, WebSocket, type RawData } from "ws";

/** Decides about each datagram on the way between two peers; false loses it. */
export type Loss = (datagram: Buffer) => boolean;

interface Hop {
  readonly socket: Socket;
  readonly port: number;
}

const udpCandidate = /(candidate:\S+ \d+ udp \d+ )([\d.]+|[\da-f:]+) (\d+)( typ host)/gi;

/**
 * A network between two programs that loses datagrams: a proxy of the signaling server, behind which every host
 * candidate stands for a socket of this object, on the same address. What comes there is passed on, or not.
 */
export class LossyPath implements AsyncDisposable {
  readonly #server: WebSocketServer;
  readonly #upstream: string;
  readonly #passes: Loss;
  readonly #hops = new Map<string, Promise<Hop>>();
  #lost = 0;

  private constructor(server: WebSocketServer, upstream: string, passes: Loss) {
    this.#server = server;
    this.#upstream = upstream;
    this.#passes = passes;
    server.on("connection", (client) => {
      this.#serve(client);
    });
  }

  /** @param upstream URL of the signaling server. @param passes is asked about each datagram of RTP. */
  static async open(upstream: string, passes: Loss): Promise<LossyPath> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    return new LossyPath(server, upstream, passes);
  }

  /** Where the programs connect in place of the server. */
  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ws`;
  }

  /** Datagrams that were lost. */
  get lost(): number {
    return this.#lost;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
    for (const hop of await Promise.all(this.#hops.values())) hop.socket.close();
  }

  #serve(client: WebSocket): void {
    const server = new WebSocket(this.#upstream, "conic.v1");
    const opened = once(server, "open");
    // One after the other: a candidate must not overtake its description.
    let queue: Promise<unknown> = opened;
    client.on("message", (data: RawData) => {
      queue = queue.then(async () => {
        server.send(await this.#rewrite((data as Buffer).toString()));
      });
    });
    server.on("message", (data: RawData) => {
      client.send((data as Buffer).toString());
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("close", () => {
        to.close();
      });
      from.on("error", () => {
        to.terminate();
      });
    }
  }

  async #rewrite(frame: string): Promise<string> {
    const found = [...frame.matchAll(udpCandidate)];
    const hops = await Promise.all(
      found.map(([, , address = "", port]) => this.#hopFor(address, Number(port))),
    );
    let next = 0;
    return frame.replaceAll(
      udpCandidate,
      (_, head: string, address: string, port, tail: string) => {
        const hop = hops[next];
        next += 1;
        return `${head}${address} ${hop?.port ?? String(port)}${tail}`;
      },
    );
  }

  /** The socket that stands for the one at `address` and `port`. */
  #hopFor(address: string, port: number): Promise<Hop> {
    const key = `${address} ${port}`;
    const known = this.#hops.get(key);
    if (known !== undefined) return known;
    const made = this.#open(address, port);
    this.#hops.set(key, made);
    return made;
  }

  async #open(address: string, port: number): Promise<Hop> {
    const type: SocketType = isIPv6(address) ? "udp6" : "udp4";
    const socket = createSocket(type);
    socket.on("error", () => undefined);
    socket.bind(0, address);
    await once(socket, "listening");
    socket.on("message", (datagram, from) => {
      if (isMedia(datagram) && !this.#passes(datagram)) {
        this.#lost += 1;
        return;
      }
      void this.#hopFor(from.address, from.port).then((source) => {
        source.socket.send(datagram, port, address);
      });
    });
    return { socket, port: socket.address().port };
  }
}

/** RFC 7983 and RFC 5761 section 4: RTP, and not RTCP. */
function isMedia(datagram: Buffer): boolean {
  const [first = 0, second = 0] = datagram;
  return first >= 128 && first <= 191 && !(second >= 192 && second <= 223);
}
