import type { ClientId, Connection, Registration } from "@conic/domain";
import type { ClientSession } from "../resume/client-session.js";
import type { Holding, Peer } from "../session/peer.js";
import { createResumeSecret, sameSecret } from "./resume.js";

/** Is told what becomes of ids that are held. */
export interface HeldWatch {
  disposed(held: Held): void;
  /** Its client is away from now on. */
  away(): void;
  /** It was disposed while its client was away. */
  lost(): void;
}

/** An id that is held: by a connection, or for a client that may come back. */
export class Held implements Holding {
  readonly id: ClientId;
  readonly session: ClientSession | undefined;
  /** Whose it is; nobody's while the client is away. */
  peer: Peer | undefined;
  readonly #registration: Registration;
  readonly #watch: HeldWatch;
  #secret = createResumeSecret();
  /** Of the register before: its answer, with the new one, may never have arrived. */
  #earlier: string | undefined;
  #disposed = false;

  constructor(
    peer: Peer,
    registration: Registration,
    session: ClientSession | undefined,
    watch: HeldWatch,
  ) {
    this.id = registration.client.id;
    this.peer = peer;
    this.session = session;
    this.#registration = registration;
    this.#watch = watch;
  }

  /** What reaches the client. */
  get outlet(): Connection {
    return this.#registration.client.connection;
  }

  get resume(): string {
    return this.#secret;
  }

  /** What opens it: the newest secret, and the one before while that may be all that the client knows. */
  get secrets(): readonly string[] {
    return this.#earlier === undefined ? [this.#secret] : [this.#secret, this.#earlier];
  }

  get registeredAt(): number {
    return this.#registration.client.registeredAt;
  }

  /** Whether it is kept for a client whose connection broke off. */
  get away(): boolean {
    return this.session?.awayForMs !== undefined;
  }

  get active(): boolean {
    return this.#registration.active;
  }

  opens(offered: string): boolean {
    if (sameSecret(this.#secret, offered)) return true;
    return this.#earlier !== undefined && sameSecret(this.#earlier, offered);
  }

  /** A secret is good for one register; for the next one there is another. */
  pass(peer: Peer, offered: string): void {
    this.peer = peer;
    this.#earlier = offered;
    this.#secret = createResumeSecret();
  }

  confirm(received: number): void {
    this.#earlier = undefined;
    this.session?.acknowledge(received);
  }

  detach(): void {
    this.peer = undefined;
    if (this.session?.detach() === true) this.#watch.away();
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    // First: whoever is told of what was not delivered finds nobody here any more.
    this.#registration[Symbol.dispose]();
    this.#watch.disposed(this);
    if (this.away) this.#watch.lost();
    this.session?.end();
  }
}
