import {
  ConicError,
  generateClientId,
  raceAbort,
  type ClientId,
  type Hub,
  type IceServer,
  type Logger,
} from "@conic/domain";
import { requireOwnId, type ClientMessage, type ServerMessage } from "@conic/protocol";
import type { Authenticate } from "../options.js";
import type { Holding, Peer } from "../session/peer.js";
import { createResumeSecret, sameSecret } from "./resume.js";

export interface RegistrarOptions {
  readonly hub: Hub;
  readonly iceServers: readonly IceServer[];
  readonly authenticate: Authenticate | undefined;
  readonly logger: Logger;
}

/** Who of this server holds which id, and how a client gets one (protocol rule 2). */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #holders = new Map<ClientId, Peer>();

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  /** Ids that are held. */
  get size(): number {
    return this.#holders.size;
  }

  /**
   * Answers after the hub has decided; synchronous unless somebody must be asked.
   * @throws ConicError what the client is to be told.
   */
  register(message: ClientMessage<"register">, peer: Peer): void | Promise<void> {
    this.#requireEligible(peer);
    const { authenticate } = this.#options;
    if (authenticate !== undefined) return this.#authenticated(authenticate, message, peer);
    this.#grant(message, peer);
  }

  unregister(message: ClientMessage<"unregister">, peer: Peer): void {
    const { id } = requireHolding(peer);
    requireOwnId(message.body.ID, id);
    peer.release();
    peer.reply(inReplyTo(message, { type: "unregister_response", body: { ID: id } }));
  }

  #requireEligible(peer: Peer): void {
    if (peer.ended) {
      throw new ConicError("closed", "the connection ended before it was registered");
    }
    if (peer.holding !== undefined) {
      throw new ConicError("already_registered", "this connection holds an id; unregister first");
    }
  }

  async #authenticated(
    authenticate: Authenticate,
    message: ClientMessage<"register">,
    peer: Peer,
  ): Promise<void> {
    const { signal, connection } = peer;
    const { Token: token, ID: id } = message.body;
    const { id: connectionId, remoteAddress } = connection;
    const request = { token, id, connectionId, remoteAddress, signal };
    try {
      await raceAbort(Promise.resolve(authenticate(request)), signal);
    } catch (error) {
      // Of a connection that ended, the end is the news, whatever the hook made of it.
      this.#requireEligible(peer);
      throw error;
    }
    this.#requireEligible(peer);
    this.#grant(message, peer);
  }

  /** Awaits nothing: at no moment between an older and a newer holder is the id without one. */
  #grant(message: ClientMessage<"register">, peer: Peer): void {
    const id = message.body.ID ?? generateClientId();
    const older = this.#resumable(id, message.body.Resume);
    older?.release();
    let holding: Holding;
    try {
      holding = this.#hold(id, peer);
    } catch (error) {
      void older?.end(new ConicError("internal", "the id was lost during a take-over"));
      throw error;
    }
    void older?.end(new ConicError("replaced", "a newer connection took the id over"));
    const body = { ID: id, ICEServers: this.#options.iceServers, Resume: holding.resume };
    peer.reply(inReplyTo(message, { type: "register_response", body }));
  }

  /** The connection that gives way: it holds the id, and its secret is the one offered. */
  #resumable(id: ClientId, offered: string | undefined): Peer | undefined {
    const holder = this.#holders.get(id);
    const holding = holder?.holding;
    if (holding === undefined || offered === undefined) return undefined;
    return sameSecret(holding.resume, offered) ? holder : undefined;
  }

  #hold(id: ClientId, peer: Peer): Holding {
    const { hub, logger } = this.#options;
    const { connection } = peer;
    const registration = hub.register({ id, connection, registeredAt: Date.now() });
    const holding: Holding = {
      id,
      resume: createResumeSecret(),
      get active() {
        return registration.active;
      },
      [Symbol.dispose]: () => {
        registration[Symbol.dispose]();
        if (this.#holders.get(id) !== peer) return;
        this.#holders.delete(id);
        logger.info({ client: id, connection: connection.id }, "unregistered");
      },
    };
    peer.hold(holding);
    this.#holders.set(id, peer);
    logger.info({ client: id, connection: connection.id }, "registered");
    return holding;
  }
}

/** @throws ConicError `not_registered`. */
export function requireHolding(peer: Peer): Holding {
  const { holding } = peer;
  if (holding !== undefined) return holding;
  throw new ConicError("not_registered", "this connection holds no id; register first");
}

function inReplyTo(request: ClientMessage, reply: ServerMessage): ServerMessage {
  return request.id === undefined ? reply : { ...reply, id: request.id };
}
