import {
  ConicError,
  generateClientId,
  raceAbort,
  type ClientId,
  type Clock,
  type Connection,
  type Hub,
  type IceServer,
  type Logger,
} from "@conic/domain";
import { requireOwnId, toWireError, type ClientMessage, type ServerMessage } from "@conic/protocol";
import { fullAccess, resolveGrant, type Access, type Grant } from "../access/grant.js";
import type { TurnMinter } from "../access/turn.js";
import { Banished } from "../inspect/banished.js";
import type { SessionObserver } from "../observe/observer.js";
import type { Authenticate, ResumeOptions } from "../options.js";
import { ClientSession } from "../resume/client-session.js";
import type { Undelivered } from "../resume/mailbox.js";
import type { Holding, Peer } from "../session/peer.js";
import { Held, type HeldWatch } from "./held.js";

/** Where ids are decided about: here, unless there are several nodes. */
export interface IdHomes {
  /** A new id, of this node. */
  readonly drawId: () => ClientId;
  /** Takes the client to the node where this id is decided about; undefined when that is this one. */
  readonly move: (
    id: ClientId,
    message: ClientMessage<"register">,
    peer: Peer,
  ) => Promise<void> | undefined;
}

export interface RegistrarOptions {
  /** Default: all ids are this node's. */
  readonly homes?: IdHomes | undefined;
  readonly hub: Hub;
  readonly iceServers: readonly IceServer[];
  readonly mintTurn: TurnMinter | undefined;
  readonly reports: boolean;
  readonly authenticate: Authenticate | undefined;
  readonly resume: ResumeOptions;
  /** What was for a client that did not come back. */
  readonly onUndelivered: (id: ClientId, undelivered: Undelivered) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The id has no holder now, or is about to get another one than before. */
  readonly onReleased: (id: ClientId) => void;
  /** The grant of this client is another one now. */
  readonly onRenewed: (peer: Peer) => void;
  /** Is told what becomes of sessions, and of what a client shows to register. */
  readonly sessions: SessionObserver;
}

/** Who of this server holds which id, and how a client gets one (protocol rule 2). */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #holders = new Map<ClientId, Held>();
  readonly #banished = new Banished();
  readonly #watch: HeldWatch;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    const { logger, onReleased, sessions } = options;
    this.#watch = {
      disposed: (held) => {
        const { id, outlet } = held;
        if (this.#holders.get(id) !== held) return;
        this.#holders.delete(id);
        onReleased(id);
        logger.info({ connection: outlet.id }, "unregistered");
      },
      away: () => {
        sessions.sessionAway();
      },
      lost: () => {
        sessions.sessionLost();
      },
    };
  }

  /** Ids that are held, also for clients that are away. */
  get size(): number {
    return this.#holders.size;
  }

  /** Ids that are kept for clients whose connection broke off. */
  get away(): number {
    let count = 0;
    for (const { session } of this.#holders.values()) {
      if (session?.awayForMs !== undefined) count += 1;
    }
    return count;
  }

  /** All ids that are held. */
  holders(): Iterable<Held> {
    return this.#holders.values();
  }

  /** Ends a client for good. False when nobody holds the id. */
  disconnect(id: ClientId): boolean {
    const held = this.#holders.get(id);
    if (held === undefined) return false;
    const { peer, outlet } = held;
    this.#options.logger.info({ connection: outlet.id }, "kicked");
    // Also of a client that seems to be there: its connection may have broken without anybody knowing.
    this.#banished.add(held.secrets);
    this.#options.sessions.kicked();
    peer?.dismiss(kicked());
    held[Symbol.dispose]();
    return true;
  }

  /** Nobody is waited for any more: gives up the ids of clients that are away. */
  giveUp(): void {
    for (const held of this.#holders.values()) {
      if (held.session?.awayForMs !== undefined) held[Symbol.dispose]();
    }
  }

  /**
   * Answers after the hub has decided; synchronous unless somebody must be asked.
   * @throws ConicError what the client is to be told.
   */
  register(message: ClientMessage<"register">, peer: Peer): void | Promise<void> {
    this.#requireEligible(message, peer);
    const { authenticate, homes } = this.#options;
    const { ID } = message.body;
    // Before anything is asked of anybody: the home of the id does it.
    const moving = peer.holding || ID === undefined ? undefined : homes?.move(ID, message, peer);
    if (moving !== undefined) return moving;
    if (authenticate !== undefined) return this.#authenticated(authenticate, message, peer);
    const { holding } = peer;
    if (holding === undefined) return this.#register(message, peer, fullAccess);
    this.#answer(message, peer, holding);
    return undefined;
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

  /**
   * Whoever holds an id goes on with it under a new token, or where none is asked for, with new TURN credentials: it
   * would lose calls by unregistering.
   */
  #renews({ body }: ClientMessage<"register">, holding: Holding): boolean {
    if (body.ID !== undefined && body.ID !== holding.id) return false;
    const { authenticate, mintTurn } = this.#options;
    return authenticate === undefined ? mintTurn !== undefined : body.Token !== undefined;
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
    let grant: Grant;
    let access: Access;
    try {
      grant = (await raceAbort(Promise.resolve(authenticate(request)), signal)) ?? {};
      access = judge(grant, message, peer);
    } catch (error) {
      // Of a connection that ended, the end is the news, whatever the hook made of it.
      this.#requireEligible(message, peer);
      this.#options.sessions.authenticated(toWireError(error).code);
      throw error;
    }
    this.#requireEligible(message, peer);
    this.#options.sessions.authenticated("ok");
    await this.#granted(message, peer, access, grant.id);
  }

  #granted(
    message: ClientMessage<"register">,
    peer: Peer,
    access: Access,
    granted: ClientId | undefined,
  ): void | Promise<void> {
    const { holding } = peer;
    if (holding === undefined) return this.#register(message, peer, access, granted);
    peer.renew(access);
    this.#answer(message, peer, holding);
    this.#options.onRenewed(peer);
    return undefined;
  }

  /** Awaits nothing but the frame of an older connection: at no moment is the id without a holder. */
  #register(
    message: ClientMessage<"register">,
    peer: Peer,
    access: Access,
    granted?: ClientId,
  ): void | Promise<void> {
    const { Resume: offered, Received: received, ID } = message.body;
    if (this.#banished.has(offered)) throw kicked();
    const { homes } = this.#options;
    const id = granted ?? ID ?? homes?.drawId() ?? generateClientId();
    const moving = homes?.move(id, message, peer);
    if (moving !== undefined) return moving;
    const older = this.#resumable(id, offered);
    if (older === undefined) {
      this.#requireFree(id, granted);
      this.#answer(message, peer, this.#hold(id, peer, access, received !== undefined));
      return undefined;
    }
    const { session } = older;
    if (session === undefined || offered === undefined || received === undefined) {
      this.#replace(message, peer, access, older);
      return undefined;
    }
    older.peer?.depart(replaced());
    if (session.busy !== undefined) {
      return session.busy.then(() => {
        this.#requireEligible(message, peer);
        return this.#register(message, peer, access, granted);
      });
    }
    if (session.canResume(received)) this.#resume(message, peer, access, older);
    else this.#replace(message, peer, access, older);
    return undefined;
  }

  /** The session goes on with another connection; the hub does not notice. */
  #resume(message: ClientMessage<"register">, peer: Peer, access: Access, held: Held): void {
    const { Resume = "", Received = 0 } = message.body;
    const { logger } = this.#options;
    held.pass(peer, Resume);
    peer.hold(held, access);
    this.#answer(message, peer, held, true);
    held.session?.attach(peer.connection, Received);
    // Its grant may be another one than before.
    this.#options.onRenewed(peer);
    this.#options.sessions.sessionResumed();
    this.#identify(held, peer);
    logger.info({ connection: peer.connection.id }, "resumed");
  }

  /** A new registration in place of an older one, which gives way. */
  #replace(message: ClientMessage<"register">, peer: Peer, access: Access, older: Held): void {
    const { peer: before, id } = older;
    const waiting = older.session?.takeWaiting() ?? [];
    before?.release();
    older[Symbol.dispose]();
    let held: Held;
    try {
      held = this.#hold(id, peer, access, message.body.Received !== undefined);
    } catch (error) {
      this.#options.onUndelivered(id, { frames: waiting, senders: [] });
      void before?.end(new ConicError("internal", "the id was lost during a take-over"));
      throw error;
    }
    void before?.end(replaced());
    this.#answer(message, peer, held);
    for (const frame of waiting) held.outlet.send(frame);
  }

  /** @throws ConicError `id_taken` while the id is kept for a client that may come back. */
  #requireFree(id: ClientId, granted: ClientId | undefined): void {
    const held = this.#holders.get(id);
    const retryAfterMs = held?.session?.awayForMs;
    if (held === undefined || retryAfterMs === undefined) return;
    // A token for this very id says that it is the same client, which has lost its secret.
    if (granted === id) {
      held[Symbol.dispose]();
      return;
    }
    const text =
      "the id is kept for a client that lost its connection; it is free if that stays away";
    throw new ConicError("id_taken", text, { details: { retryAfterMs } });
  }

  #answer(message: ClientMessage<"register">, peer: Peer, held: Holding, resumed = false): void {
    const { id, resume, session } = held;
    const body = {
      ID: id,
      ICEServers: this.#iceServers(id, peer.access),
      Resume: resume,
      ...(session === undefined ? {} : { Received: session.taken, Resumed: resumed }),
      // Who may not call has nothing to report.
      ...(this.#options.reports && peer.access.call ? { Reports: true } : {}),
    };
    peer.reply(inReplyTo(message, { type: "register_response", body }));
  }

  /** Who may not call has no use for a relay, but might find one. */
  #iceServers(id: ClientId, access: Access): readonly IceServer[] {
    const { iceServers, mintTurn } = this.#options;
    if (mintTurn === undefined || !access.call) return iceServers;
    return [...iceServers, mintTurn(id, access.expiresAt)];
  }

  /** Who gives way: it holds the id, and its secret is the one offered. */
  #resumable(id: ClientId, offered: string | undefined): Held | undefined {
    const held = this.#holders.get(id);
    if (held?.active !== true || offered === undefined) return undefined;
    return held.opens(offered) ? held : undefined;
  }

  #hold(id: ClientId, peer: Peer, access: Access, wantsSession: boolean): Held {
    const { hub, logger } = this.#options;
    const { connection } = peer;
    const session = wantsSession ? this.#session(id, connection) : undefined;
    const outlet = session ?? peer.dialect.outlet(connection);
    const client = { id, connection: outlet, registeredAt: Date.now() };
    const held = new Held(peer, hub.register(client), session, this.#watch);
    // A slow consumer that the hub has let go of, and whose connection is not closed yet.
    this.#holders.get(id)?.[Symbol.dispose]();
    peer.hold(held, access);
    this.#holders.set(id, held);
    this.#identify(held, peer);
    logger.info({ connection: connection.id }, "registered");
    return held;
  }

  /** Ids are names of people, often: only at this level does the log tell whose connection it is. */
  #identify({ id }: Held, { connection }: Peer): void {
    this.#options.logger.debug({ client: id, connection: connection.id }, "client");
  }

  /** Undefined where sessions are turned off. */
  #session(id: ClientId, connection: Connection): ClientSession | undefined {
    const { resume, clock, onUndelivered, logger } = this.#options;
    if (resume.resumeTtlMs === 0) return undefined;
    const session: ClientSession = new ClientSession({
      connection,
      limits: resume,
      resumeTtlMs: resume.resumeTtlMs,
      clock,
      onLost: () => {
        logger.info({ connection: connection.id }, "a session is given up");
        const held = this.#holders.get(id);
        if (held?.session === session) held[Symbol.dispose]();
        else session.end();
      },
      onUndelivered: (undelivered) => {
        onUndelivered(id, undelivered);
      },
    });
    return session;
  }
}

/** @throws ConicError when what the hook allows is not what the client asks for. */
function judge(grant: Grant, message: ClientMessage<"register">, peer: Peer): Access {
  const access = resolveGrant(grant);
  if (access.expiresAt <= Date.now()) {
    throw new ConicError("unauthorized", "the token has expired; get a new one");
  }
  const wanted = message.body.ID ?? peer.holding?.id;
  if (grant.id !== undefined && wanted !== undefined && wanted !== grant.id) {
    throw new ConicError("forbidden", "your token is for another id; ask for that, or for none");
  }
  return access;
}

function kicked(): ConicError {
  const text = "whoever runs the server has ended this client; connect again only if they say so";
  return new ConicError("kicked", text);
}

function replaced(): ConicError {
  return new ConicError("replaced", "a newer connection took the id over");
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
