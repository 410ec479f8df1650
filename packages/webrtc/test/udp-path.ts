import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Signal } from "@conic/domain";

/** Decides about each datagram on the way; false loses it. */
export type PathFilter = (from: string, datagram: Buffer) => boolean;

interface Hop {
  readonly socket: Socket;
  readonly port: number;
  /** Port of the peer behind this hop, once it is known. */
  target: number | undefined;
  /** Whose candidate it stands for. */
  owner: string;
  /** Port of the other peer. */
  other: number | undefined;
}

const hostCandidate = /(candidate:\S+ \d+ udp \d+ 127\.0\.0\.1 )(\d+)/gi;

/**
 * A network path that can be made to lose datagrams: every host candidate in the signaling is replaced by a port of
 * this object, which passes on what arrives. Both peers must offer 127.0.0.1 only.
 */
export class UdpPath implements AsyncDisposable {
  filter: PathFilter = () => true;
  readonly #free: Hop[] = [];
  readonly #used: Hop[] = [];

  static async create(hops = 16): Promise<UdpPath> {
    const path = new UdpPath();
    await Promise.all(Array.from({ length: hops }, () => path.#addHop()));
    return path;
  }

  async #addHop(): Promise<void> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const hop: Hop = {
      socket,
      port: socket.address().port,
      target: undefined,
      owner: "",
      other: undefined,
    };
    socket.on("message", (datagram, { port }) => {
      this.#pass(hop, datagram, port);
    });
    socket.on("error", () => undefined);
    this.#free.push(hop);
  }

  /** To be given to the signaling as `rewrite`. */
  readonly rewrite = (from: string, signal: Signal): Signal => {
    const replace = (text: string): string =>
      text.replaceAll(
        hostCandidate,
        (_, head: string, port: string) => `${head}${this.#hopFor(from, Number(port)).port}`,
      );
    if (signal.kind === "candidate") {
      const candidate = replace(signal.candidate.candidate);
      return { kind: "candidate", candidate: { ...signal.candidate, candidate } };
    }
    const { type, sdp } = signal.description;
    return { kind: "description", description: { type, sdp: replace(sdp) } };
  };

  #hopFor(owner: string, target: number): Hop {
    const known = this.#used.find((hop) => hop.target === target);
    if (known !== undefined) return known;
    const hop = this.#free.pop();
    if (hop === undefined) throw new Error("the path has too few hops");
    hop.target = target;
    hop.owner = owner;
    this.#used.push(hop);
    return hop;
  }

  #pass(hop: Hop, datagram: Buffer, from: number): void {
    const fromOwner = from === hop.target;
    if (!fromOwner) hop.other = from;
    const to = fromOwner ? hop.other : hop.target;
    const sender = fromOwner ? hop.owner : hop.owner === "alice" ? "bob" : "alice";
    if (to === undefined || !this.filter(sender, datagram)) return;
    hop.socket.send(datagram, to, "127.0.0.1");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#free, ...this.#used].map(async ({ socket }) => {
        const closed = once(socket, "close");
        socket.close();
        await closed;
      }),
    );
  }
}

/** RFC 7983: the first byte tells STUN (0 to 3) from DTLS (20 to 63). */
export function isDtls(datagram: Buffer): boolean {
  const first = datagram[0] ?? 0;
  return first >= 20 && first <= 63;
}

const handshakeNames: Readonly<Record<number, string>> = {
  1: "ClientHello",
  2: "ServerHello",
  3: "HelloVerifyRequest",
  11: "Certificate",
  12: "ServerKeyExchange",
  13: "CertificateRequest",
  14: "ServerHelloDone",
  15: "CertificateVerify",
  16: "ClientKeyExchange",
};

/** What the first record of a DTLS datagram is (RFC 6347 section 4.1). */
export function dtlsName(datagram: Buffer): string {
  const contentType = datagram[0];
  const epoch = datagram.readUInt16BE(3);
  if (contentType === 20) return "ChangeCipherSpec";
  if (contentType === 23) return "application data";
  if (contentType !== 22) return "alert";
  return epoch > 0 ? "Finished" : (handshakeNames[datagram[13] ?? 0] ?? "handshake");
}
