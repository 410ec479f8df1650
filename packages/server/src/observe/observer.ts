import type { Delivery, ErrorCode, Logger } from "@conic/domain";
import type { ClientMessageType } from "@conic/protocol";

/** A type of the protocol; `invalid` for a frame that is no message of it. */
export type ObservedMessageType = ClientMessageType | "invalid";
/** `ok`, or the code of the error that the client was answered. */
export type ObservedOutcome = "ok" | ErrorCode;
export type DropReason = Extract<Delivery, { status: "undeliverable" }>["reason"];

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
  /** Bytes of the frame, without the headers of WebSocket, TCP and IP. */
  frameReceived?(bytes: number): void;
  frameSent?(bytes: number): void;
  /** A frame for another client that could not be handed to it. */
  frameDropped?(reason: DropReason): void;
  messageHandled?(type: ObservedMessageType, outcome: ObservedOutcome): void;
  /** From the moment it was read from its sender to the moment its target's connection took it. */
  messageRelayed?(type: ClientMessageType, latencyMs: number): void;
}

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

  #failed(error: unknown): void {
    this.#logger.error({ err: error }, "the observer failed");
  }
}
