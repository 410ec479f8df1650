import { deferred, type Clock, type ConicError } from "@conic/domain";
import { DtlsConnection, type DtlsOptions, type DtlsState } from "@conic/dtls";
import type { DatagramPath } from "../ice/path.js";

/** Datagrams that wait for the start at most: the client may be up before this side knows of its path. */
const maxEarlyDatagrams = 8;

/** RFC 7983: the first byte of a datagram of DTLS. */
export function isDtls(datagram: Uint8Array): boolean {
  const first = datagram[0] ?? 0;
  return first >= 20 && first <= 63;
}

/** RFC 7983: the first byte of a datagram of RTP or RTCP. */
export function isRtp(datagram: Uint8Array): boolean {
  const first = datagram[0] ?? 0;
  return first >= 128 && first <= 191;
}

export interface SessionEvents {
  data(data: Buffer): void;
  /** After `connecting`; `error` with `failed`. */
  state(state: DtlsState, error: ConicError | undefined): void;
}

/** A DTLS connection on a path, with a clock. */
export class DtlsSession {
  readonly #path: DatagramPath;
  readonly #clock: Clock;
  readonly #events: SessionEvents;
  #early: Buffer[] = [];
  #connection: DtlsConnection | undefined;
  #cancel: (() => void) | undefined;
  #dueAt: number | undefined;

  constructor(path: DatagramPath, clock: Clock, events: SessionEvents) {
    this.#path = path;
    this.#clock = clock;
    this.#events = events;
  }

  get connection(): DtlsConnection | undefined {
    return this.#connection;
  }

  /** Resolves when both sides are verified; rejects with what the handshake failed of. */
  start(options: Omit<DtlsOptions, "roundTripMs">): Promise<void> {
    const done = deferred<void>();
    const { rttMs } = this.#path;
    const known = rttMs === undefined ? {} : { roundTripMs: rttMs };
    const connection = new DtlsConnection(
      { ...options, ...known },
      {
        datagram: (datagram) => {
          this.#path.send(datagram);
        },
        data: (data) => {
          this.#events.data(data);
        },
        state: (state, error) => {
          this.#events.state(state, error);
          if (state === "connected") done.resolve();
          else if (state !== "connecting") {
            done.reject(error ?? new Error("closed during the handshake"));
          }
        },
      },
    );
    this.#connection = connection;
    connection.start(this.#clock.now());
    const early = this.#early;
    this.#early = [];
    for (const datagram of early) this.receive(datagram);
    this.#schedule();
    return done.promise;
  }

  receive(datagram: Buffer): void {
    if (this.#connection === undefined) {
      if (this.#early.length < maxEarlyDatagrams) this.#early.push(datagram);
      return;
    }
    this.#connection.receive(datagram, this.#clock.now());
    this.#schedule();
  }

  /** Sends one record; lost, as the network loses, unless both sides are verified. */
  send(data: Uint8Array): void {
    if (this.#connection?.state === "connected") this.#connection.send(data);
  }

  close(): void {
    this.#connection?.close();
    this.#schedule();
  }

  #schedule(): void {
    const dueAt = this.#connection?.nextTimeout();
    if (dueAt === this.#dueAt) return;
    this.#dueAt = dueAt;
    this.#cancel?.();
    this.#cancel = undefined;
    if (dueAt === undefined) return;
    this.#cancel = this.#clock.schedule(Math.max(0, dueAt - this.#clock.now()), () => {
      this.#dueAt = undefined;
      this.#connection?.advance(this.#clock.now());
      this.#schedule();
    });
  }
}
