import {
  AsyncQueue,
  ConicError,
  type ClientId,
  type Clock,
  type IceServer,
  type Logger,
  type SessionDescription,
  type Signal,
} from "@conic/domain";
import { PeerConnection } from "@conic/webrtc";
import { IncomingCall } from "./incoming-call.js";
import type { PeerOptions } from "../options.js";
import type { Outbox } from "../link/outbox.js";
import { PeerSignaling } from "./peer-signaling.js";
import type { CallReporter } from "./reporter.js";

/** One peer: its signaling, and either the connection or the call that nobody has taken yet. */
interface Session {
  readonly signaling: PeerSignaling;
  connection: PeerConnection | undefined;
  call: IncomingCall | undefined;
  /** This side called, and the other did not, or is to say so. */
  isCaller: boolean;
  isAnswered: boolean;
}

export interface CallsOptions {
  readonly localId: ClientId;
  readonly outbox: Outbox;
  readonly reporter: CallReporter;
  readonly iceServers: () => readonly IceServer[];
  readonly peer: PeerOptions;
  readonly maxPendingCalls: number;
  /** Takes a call, and returns true, or leaves it to `incoming`. */
  readonly answer: (call: IncomingCall) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fault: (error: ConicError) => void;
}

/** The peers of one client: at most one connection or waiting call to each. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #sessions = new Map<ClientId, Session>();
  readonly #incoming: AsyncQueue<IncomingCall>;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#incoming = new AsyncQueue({ maxItems: options.maxPendingCalls });
  }

  get incoming(): AsyncIterable<IncomingCall> {
    return this.#incoming;
  }

  connections(): PeerConnection[] {
    const found: PeerConnection[] = [];
    for (const { connection } of this.#sessions.values()) {
      if (connection !== undefined && connection.connectionState !== "closed")
        found.push(connection);
    }
    return found;
  }

  /** The connection to call `remoteId` with: the one that stands or is being set up, else a new one. */
  outgoing(remoteId: ClientId): PeerConnection {
    const session = this.#sessions.get(remoteId);
    if (session?.call?.waiting === true) return session.call.accept();
    const connection = session?.connection;
    if (connection !== undefined) {
      const state = connection.connectionState;
      if (state === "new" || state === "connecting" || state === "connected") return connection;
      connection.abort(new ConicError("connection_failed", `${remoteId} is called anew`));
    }
    const opened = this.#open(remoteId);
    opened.isCaller = true;
    return this.#connect(opened);
  }

  /** A signal that the server forwarded. */
  onSignal(from: ClientId, signal: Signal): void {
    const offer = offerOf(signal);
    let session = this.#sessions.get(from);
    if (session !== undefined) this.#note(session, signal);
    if (offer !== undefined) session = this.#sessionForOffer(from, offer, session);
    if (session === undefined) {
      this.#options.logger.debug({ peer: from, kind: signal.kind }, "a signal without a call");
      return;
    }
    if (session.signaling.deliver(signal)) return;
    this.#options.fault(new ConicError("buffer_full", `${from} sent more signals than are kept`));
  }

  /** The server could not deliver a signal to this peer; news of a call that is over is none. */
  onUndeliverable(remoteId: ClientId, error: ConicError): void {
    this.#sessions.get(remoteId)?.signaling.deliver({ kind: "error", error });
  }

  /** Nobody can say whether a signal reached this peer. Of a connection that stands, it is of no account. */
  onUncertain(remoteId: ClientId, error: ConicError): void {
    const connection = this.#sessions.get(remoteId)?.connection;
    const stands = connection?.connectionState === "connected";
    if (stands && connection.signalingState === "stable") return;
    this.onUndeliverable(remoteId, error);
  }

  async close(): Promise<void> {
    this.#incoming.end();
    const sessions = [...this.#sessions.values()];
    await Promise.all(
      sessions.map(async ({ connection, call, signaling }) => {
        call?.expire();
        await (connection === undefined ? signaling[Symbol.asyncDispose]() : connection.close());
      }),
    );
    this.#sessions.clear();
  }

  /** Both call at once when an offer crosses ours: the side whose offer stands is the caller. */
  #note(session: Session, signal: Signal): void {
    if (signal.kind !== "description") return;
    const { type } = signal.description;
    if (type === "answer") session.isAnswered = true;
    const crosses = type === "offer" && !session.isAnswered;
    if (crosses && this.#options.localId < session.signaling.remoteId) session.isCaller = false;
  }

  #sessionForOffer(
    from: ClientId,
    offer: SessionDescription,
    session: Session | undefined,
  ): Session | undefined {
    const connection = session?.connection;
    if (connection !== undefined) {
      if (connection.connectionState !== "closed" && !connection.isReplacedBy(offer))
        return session;
      connection.abort(
        new ConicError("connection_failed", `${from} started anew and calls again`, goneBefore),
      );
    }
    if (connection === undefined && session?.call?.waiting === true) return session;
    return this.#ring(from);
  }

  #ring(from: ClientId): Session | undefined {
    const session = this.#open(from);
    const call = new IncomingCall(
      from,
      () => this.#connect(session),
      () => {
        const description: SessionDescription = { type: "rollback", sdp: "" };
        const refusal = session.signaling.send({ kind: "description", description });
        // A refusal that gets lost is as good as no answer.
        refusal.catch(() => undefined);
        this.#remove(session);
      },
    );
    session.call = call;
    if (this.#options.answer(call)) return session;
    if (this.#incoming.push(call)) return session;
    call.expire();
    this.#remove(session);
    this.#options.fault(
      new ConicError(
        "buffer_full",
        `a call of ${from} was dropped: too many calls wait in incoming()`,
      ),
    );
    return undefined;
  }

  #open(remoteId: ClientId): Session {
    const signaling = new PeerSignaling(this.#options.localId, remoteId, this.#options.outbox);
    const session: Session = {
      signaling,
      connection: undefined,
      call: undefined,
      isCaller: false,
      isAnswered: false,
    };
    this.#sessions.set(remoteId, session);
    return session;
  }

  #connect(session: Session): PeerConnection {
    const { iceServers, peer, clock, logger } = this.#options;
    const connection = new PeerConnection({
      ...peer,
      signaling: session.signaling,
      // Asked again for each search of a path: credentials may have ended since.
      iceServers,
      clock,
      logger,
    });
    session.connection = connection;
    session.call = undefined;
    if (session.isCaller) this.#options.reporter.follow(connection, () => session.isCaller);
    void connection.closed.then(() => {
      this.#remove(session);
    });
    return connection;
  }

  #remove(session: Session): void {
    const { remoteId } = session.signaling;
    if (this.#sessions.get(remoteId) === session) this.#sessions.delete(remoteId);
    void session.signaling[Symbol.asyncDispose]();
  }
}

const goneBefore = { details: { reason: "peer_gone" } };

function offerOf(signal: Signal): SessionDescription | undefined {
  if (signal.kind !== "description" || signal.description.type !== "offer") return undefined;
  return signal.description;
}
