import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { DtlsOptions } from "../../src/index.js";
import { End } from "./link.js";

/** One end on a real socket, with real time: for other implementations of DTLS to talk to. */
export class UdpEnd implements AsyncDisposable {
  readonly end: End;
  readonly #socket: Socket;
  #remotePort: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: Socket, options: DtlsOptions, remotePort: number | undefined) {
    this.#socket = socket;
    this.#remotePort = remotePort;
    this.end = new End(options, (datagram) => {
      if (this.#remotePort !== undefined) socket.send(datagram, this.#remotePort, "127.0.0.1");
    });
    socket.on("message", (datagram, { port }) => {
      this.#remotePort ??= port;
      this.end.connection.receive(datagram, performance.now());
      this.#schedule();
    });
  }

  static async open(options: DtlsOptions, remotePort?: number): Promise<UdpEnd> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const udp = new UdpEnd(socket, options, remotePort);
    udp.end.connection.start(performance.now());
    udp.#schedule();
    return udp;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const at = this.end.connection.nextTimeout();
    if (at === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.end.connection.advance(performance.now());
        this.#schedule();
      },
      Math.max(0, at - performance.now()),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.end.connection.close();
    const closed = once(this.#socket, "close");
    // The farewell leaves before the socket does.
    this.#socket.send(Buffer.alloc(0), this.port, "127.0.0.1", () => this.#socket.close());
    await closed;
  }
}
