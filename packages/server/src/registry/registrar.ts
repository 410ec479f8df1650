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
import { fullAccess, resolveGrant, type Access, type Grant } from "../access/grant.js";
import type { TurnMinter } from "../access/turn.js";
import type { Authenticate } from "../options.js";
import type { Holding, Peer } from "../session/peer.js";
import { createResumeSecret, sameSecret } from "./resume.js";

export interface RegistrarOptions {
  readonly hub: Hub;
  readonly iceServers: readonly IceServer[];
  readonly mintTurn: TurnMinter | undefined;
  readonly authenticate: Authenticate | undefined;
  readonly logger: Logger;
  /** The id has no holder now, or is about to get another one than before. */
  readonly onReleased: (id: ClientId) => void;
  /** The grant of this client is another one now. */
  readonly onRenewed: (peer: Peer) => void;
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
    this.#requireEligible(message, peer);
    const { authenticate } = this.#options;
    if (authenticate !== undefined) return this.#authenticated(authenticate, message, peer);
    this.#register(message, peer, fullAccess);
  }

  unregister(message: ClientMessage<"unregister">, peer: Peer): void {
    const { id } = requireHolding(peer);
    requireOwnId(message.body.ID, id);
    peer.release();
    peer.reply(inReplyTo(message, { type: "unregister_response", body: { ID: id } }));
  }

  #requireEligible(message: ClientMessage<"register">, peer: Peer): void {
    if (peer.ended) {
      throw new ConicError("closed", "the connection ended before it was registered");
    }
    if (peer.holding !== undefined && !this.#renews(message, peer.holding)) {
      throw new ConicError("already_registered", "this connection holds an id; unregister first");
    }
  }

  /** Whoever holds an id goes on with it under a new token: it would lose calls by unregistering. */
  #renews({ body }: ClientMessage<"register">, holding: Holding): boolean {
    if (this.#options.authenticate === undefined || body.Token === undefined) return false;
    return body.ID === undefined || body.ID === holding.id;
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
    let grant: Grant | void;
    try {
      grant = await raceAbort(Promise.resolve(authenticate(request)), signal);
    } catch (error) {
      // Of a connection that ended, the end is the news, whatever the hook made of it.
      this.#requireEligible(message, peer);
      throw error;
    }
    this.#requireEligible(message, peer);
    this.#grant(message, peer, grant ?? {});
  }

  #grant(message: ClientMessage<"register">, peer: Peer, grant: Grant): void {
    const access = resolveGrant(grant);
    if (access.expiresAt <= Date.now()) {
      throw new ConicError("unauthorized", "the token has expired; get a new one");
    }
    const wanted = message.body.ID ?? peer.holding?.id;
    if (grant.id !== undefined && wanted !== undefined && wanted !== grant.id) {
      throw new ConicError("forbidden", "your token is for another id; ask for that, or for none");
    }
    const { holding } = peer;
    if (holding === undefined) {
      this.#register(message, peer, access, grant.id);
      return;
    }
    peer.renew(access);
    this.#answer(message, peer, holding);
    this.#options.onRenewed(peer);
  }

  /** Awaits nothing: at no moment between an older and a newer holder is the id without one. */
  #register(
    message: ClientMessage<"register">,
    peer: Peer,
    access: Access,
    granted?: ClientId,
  ): void {
    const id = granted ?? message.body.ID ?? generateClientId();
    const older = this.#resumable(id, message.body.Resume);
    older?.release();
    let holding: Holding;
    try {
      holding = this.#hold(id, peer, access);
    } catch (error) {
      void older?.end(new ConicError("internal", "the id was lost during a take-over"));
      throw error;
    }
    void older?.end(new ConicError("replaced", "a newer connection took the id over"));
    this.#answer(message, peer, holding);
  }

  #answer(message: ClientMessage<"register">, peer: Peer, { id, resume }: Holding): void {
    const body = { ID: id, ICEServers: this.#iceServers(id, peer.access), Resume: resume };
    peer.reply(inReplyTo(message, { type: "register_response", body }));
  }

  /** Who may not call has no use for a relay, but might find one. */
  #iceServers(id: ClientId, access: Access): readonly IceServer[] {
    const { iceServers, mintTurn } = this.#options;
    if (mintTurn === undefined || !access.call) return iceServers;
    return [...iceServers, mintTurn(id, access.expiresAt)];
  }

  /** The connection that gives way: it holds the id, and its secret is the one offered. */
  #resumable(id: ClientId, offered: string | undefined): Peer | undefined {
    const holder = this.#holders.get(id);
    const holding = holder?.holding;
    if (holding === undefined || offered === undefined) return undefined;
    return sameSecret(holding.resume, offered) ? holder : undefined;
  }

  #hold(id: ClientId, peer: Peer, access: Access): Holding {
    const { hub, logger, onReleased } = this.#options;
    const { connection } = peer;
    const outlet = peer.dialect.outlet(connection);
    const registration = hub.register({ id, connection: outlet, registeredAt: Date.now() });
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
        onReleased(id);
        logger.info({ client: id, connection: connection.id }, "unregistered");
      },
    };
    peer.hold(holding, access);
    // A slow consumer that the hub has let go of, and whose connection is not closed yet.
    if (this.#holders.has(id)) onReleased(id);
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

/** A reply carries the correlation id of what it replies to. */
export function inReplyTo(request: ClientMessage, reply: ServerMessage): ServerMessage {
  return request.id === undefined ? reply : { ...reply, id: request.id };
}
