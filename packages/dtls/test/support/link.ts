import { ConicError } from "@conic/domain";
import {
  DtlsConnection,
  fingerprintOf,
  generateCertificate,
  type DtlsCertificate,
  type DtlsOptions,
  type DtlsRole,
  type DtlsState,
} from "../../src/index.js";

/** Decides what becomes of a datagram on the way: the ms after which each copy of it arrives; none for a loss. */
export type Path = (from: DtlsRole, datagram: Buffer, index: number) => readonly number[];

/** One end, with what it has said so far. */
export class End {
  readonly connection: DtlsConnection;
  readonly states: DtlsState[] = [];
  readonly received: string[] = [];
  readonly sent: Buffer[] = [];
  error: ConicError | undefined;

  constructor(options: DtlsOptions, onDatagram: (datagram: Buffer) => void) {
    this.connection = new DtlsConnection(options, {
      datagram: (bytes) => {
        this.sent.push(bytes);
        onDatagram(bytes);
      },
      data: (bytes) => {
        this.received.push(bytes.toString("latin1"));
      },
      state: (state, error) => {
        this.states.push(state);
        this.error = error;
      },
    });
  }

  get state(): DtlsState {
    return this.connection.state;
  }

  get alert(): unknown {
    return this.error?.details["alert"];
  }

  send(text: string): void {
    this.connection.send(Buffer.from(text, "latin1"));
  }
}

interface Delivery {
  readonly at: number;
  readonly order: number;
  readonly to: DtlsRole;
  readonly datagram: Buffer;
}

export type EndOptions = Partial<DtlsOptions>;

export interface LinkOptions {
  readonly client?: EndOptions;
  readonly server?: EndOptions;
  readonly path?: Path;
}

export const oneWayMs = 10;
const certificates = { client: generateCertificate(), server: generateCertificate() };

export function certificateOf(role: DtlsRole): DtlsCertificate {
  return certificates[role];
}

export function fingerprintsOf({
  certificate,
}: DtlsCertificate): DtlsOptions["remoteFingerprints"] {
  return [{ algorithm: "sha-256", value: fingerprintOf(certificate, "sha-256") }];
}

/** Two connections with a path between them, in simulated time. */
export class Link {
  readonly client: End;
  readonly server: End;
  path: Path;
  now = 0;
  #order = 0;
  #onTheWay: Delivery[] = [];

  constructor({ client = {}, server = {}, path = () => [oneWayMs] }: LinkOptions = {}) {
    this.path = path;
    const own = {
      client: client.certificate ?? certificates.client,
      server: server.certificate ?? certificates.server,
    };
    this.client = this.#end("client", own.client, own.server, client);
    this.server = this.#end("server", own.server, own.client, server);
  }

  #end(
    role: DtlsRole,
    certificate: DtlsCertificate,
    remote: DtlsCertificate,
    options: EndOptions,
  ): End {
    const remoteFingerprints = fingerprintsOf(remote);
    let index = 0;
    return new End({ role, certificate, remoteFingerprints, ...options }, (datagram) => {
      const delays = this.path(role, datagram, index);
      index += 1;
      const to = role === "client" ? "server" : "client";
      for (const delay of delays) this.inject(to, datagram, delay);
    });
  }

  end(role: DtlsRole): End {
    return role === "client" ? this.client : this.server;
  }

  /** Puts a datagram on the way, whoever made it. */
  inject(to: DtlsRole, datagram: Buffer, delay = 0): void {
    this.#order += 1;
    const at = this.now + delay;
    this.#onTheWay.push({ at, order: this.#order, to, datagram: Buffer.from(datagram) });
    this.#onTheWay.sort((a, b) => a.at - b.at || a.order - b.order);
  }

  start(): this {
    this.server.connection.start(this.now);
    this.client.connection.start(this.now);
    return this;
  }

  /** Runs until the condition is true, nothing more will happen, or the time is over. Returns the time. */
  run(until: () => boolean = () => false, maxMs = 60_000): number {
    while (!until() && this.#step(maxMs));
    return this.now;
  }

  /** Runs until both are connected. */
  connect(maxMs = 60_000): number {
    return this.start().run(() => this.isConnected, maxMs);
  }

  get isConnected(): boolean {
    return this.client.state === "connected" && this.server.state === "connected";
  }

  #step(maxMs: number): boolean {
    const ends = [this.client.connection, this.server.connection];
    const [next] = this.#onTheWay;
    const due = ends.map((end) => end.nextTimeout() ?? Infinity);
    const timeout = Math.min(...due);
    const at = Math.min(next?.at ?? Infinity, timeout);
    if (at === Infinity || at > maxMs) return false;
    this.now = Math.max(this.now, at);
    if (next !== undefined && next.at <= timeout) {
      this.#onTheWay.shift();
      this.end(next.to).connection.receive(next.datagram, this.now);
    } else for (const end of ends) end.advance(this.now);
    return true;
  }
}

/** The one end of a link whose handshake is done. */
export function connected(options: LinkOptions = {}): Link {
  const link = new Link(options);
  link.connect();
  if (!link.isConnected) throw new ConicError("internal", "the link did not connect");
  return link;
}
