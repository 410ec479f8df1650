import type { CallFailureReason, CallOutcome, Delivery, ErrorCode, Logger } from "@conic/domain";
import type { ClientMessageType } from "@conic/protocol";

/** A type of the protocol; `invalid` for a frame that is no message of it. */
export type ObservedMessageType = ClientMessageType | "invalid";
/** `ok`, or the code of the error that the client was answered. */
export type ObservedOutcome = "ok" | ErrorCode;
export type DropReason = Extract<Delivery, { status: "undeliverable" }>["reason"];

/** A limit of docs/limits.md that somebody met. */
export type ObservedLimit =
  | "messages"
  | "bytes"
  | "address_messages"
  | "registrations"
  | "refused"
  | "invalid"
  | "idle"
  | "connections"
  | "unregistered"
  | "address_connections"
  | "address_connection_rate";

/**
 * Is told what happens on a server, to count and to measure it. It is called in the middle of the work: it has to be
 * quick, and what it throws is logged and changes nothing. It learns no ids, no addresses and no contents.
 */
export interface ServerObserver {
  connectionOpened?(): void;
  /** The WebSocket close code, which a client may choose; with what went wrong, where something did. */
  connectionClosed?(code: number, error: ErrorCode | undefined): void;
  /** A request for a WebSocket was answered with this HTTP status instead. */
  connectionRefused?(status: number): void;
  /** An id has got a holder. */
  registered?(): void;
  unregistered?(): void;
  /** Where there is an `authenticate`: it let a client register, or refused it with this code. */
  authenticated?(outcome: ObservedOutcome): void;
  /** The connection of a client broke off, and its session is kept for it. */
  sessionAway?(): void;
  /** Such a client came back. */
  sessionResumed?(): void;
  /** Such a client did not: its session was given up. */
  sessionLost?(): void;
  /** A client was ended by `disconnect`. */
  kicked?(): void;
  /** Somebody met a limit: a message or an upgrade was refused, or a connection closed. */
  limited?(limit: ObservedLimit): void;
  /** Bytes of the frame, without the headers of WebSocket, TCP and IP. */
  frameReceived?(bytes: number): void;
  frameSent?(bytes: number): void;
  /** A frame for another client that could not be handed to it. */
  frameDropped?(reason: DropReason): void;
  messageHandled?(type: ObservedMessageType, outcome: ObservedOutcome): void;
  /** From the moment it was read from its sender to the moment its target's connection took it. */
  messageRelayed?(type: ClientMessageType, latencyMs: number): void;
  /** What a client says of a call that it made; the reason is of one that failed. */
  callReported?(outcome: CallOutcome, reason: CallFailureReason | undefined): void;
}

/** What the registry tells of. */
export type SessionObserver = Pick<
  Required<ServerObserver>,
  "authenticated" | "sessionAway" | "sessionResumed" | "sessionLost" | "kicked"
>;

/** An observer that can do no harm. Each method tells on without allocating. */
export class GuardedObserver implements Required<ServerObserver> {
  readonly #observer: ServerObserver;
  readonly #logger: Logger;

  constructor(observer: ServerObserver, logger: Logger) {
    this.#observer = observer;
    this.#logger = logger;
  }

  connectionOpened(): void {
    try {
      this.#observer.connectionOpened?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  connectionClosed(code: number, reason: ErrorCode | undefined): void {
    try {
      this.#observer.connectionClosed?.(code, reason);
    } catch (error) {
      this.#failed(error);
    }
  }

  connectionRefused(status: number): void {
    try {
      this.#observer.connectionRefused?.(status);
    } catch (error) {
      this.#failed(error);
    }
  }

  registered(): void {
    try {
      this.#observer.registered?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  unregistered(): void {
    try {
      this.#observer.unregistered?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  authenticated(outcome: ObservedOutcome): void {
    try {
      this.#observer.authenticated?.(outcome);
    } catch (error) {
      this.#failed(error);
    }
  }

  sessionAway(): void {
    try {
      this.#observer.sessionAway?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  sessionResumed(): void {
    try {
      this.#observer.sessionResumed?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  sessionLost(): void {
    try {
      this.#observer.sessionLost?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  kicked(): void {
    try {
      this.#observer.kicked?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  frameReceived(bytes: number): void {
    try {
      this.#observer.frameReceived?.(bytes);
    } catch (error) {
      this.#failed(error);
    }
  }

  frameSent(bytes: number): void {
    try {
      this.#observer.frameSent?.(bytes);
    } catch (error) {
      this.#failed(error);
    }
  }

  frameDropped(reason: DropReason): void {
    try {
      this.#observer.frameDropped?.(reason);
    } catch (error) {
      this.#failed(error);
    }
  }

  messageHandled(type: ObservedMessageType, outcome: ObservedOutcome): void {
    try {
      this.#observer.messageHandled?.(type, outcome);
    } catch (error) {
      this.#failed(error);
    }
  }

  messageRelayed(type: ClientMessageType, latencyMs: number): void {
    try {
      this.#observer.messageRelayed?.(type, latencyMs);
    } catch (error) {
      this.#failed(error);
    }
  }

  limited(limit: ObservedLimit): void {
    try {
      this.#observer.limited?.(limit);
    } catch (error) {
      this.#failed(error);
    }
  }

  callReported(outcome: CallOutcome, reason: CallFailureReason | undefined): void {
    try {
      this.#observer.callReported?.(outcome, reason);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#logger.error({ err: error }, "the observer failed");
  }
}
