import type { ConicError, Frame } from "@conic/domain";

/** How a link ended. */
export interface LinkEnd {
  /** The code of the close frame that came from the other end; 1006 when none did. */
  readonly code: number;
  readonly reason: string;
  /** Whether close frames went both ways. */
  readonly clean: boolean;
  /** What the layer below reported, if anything. */
  readonly cause?: unknown;
}

/** What a link tells the connection above it. */
export interface LinkEvents {
  onOpen(protocol: string, remoteAddress: string): void;
  onFrame(frame: Frame): void;
  /** Anything at all arrived: the other end lives. */
  onTraffic(): void;
  /** `bufferedAmount` may have fallen. */
  onDrain(): void;
  /** The other end has begun to close. */
  onClosing(): void;
  /** The other end broke the protocol; the link has begun to close with `code`. */
  onViolation(code: number, error: ConicError): void;
  /** The link never opened, or it has ended itself. */
  onFailure(error: ConicError): void;
  onEnd(end: LinkEnd): void;
}

/**
 * What carries the frames of a connection: a WebSocket, or one half of a memory pair. A link has mechanisms only;
 * limits, states and waiting are the connection's.
 */
export interface Link {
  /** Bytes written that the layer below has not taken yet. */
  readonly bufferedAmount: number;
  /** From now on, and not before, `events` are called. An open link calls `onOpen` at once. */
  start(events: LinkEvents): void;
  write(frame: Frame): void;
  /** Hands over now what is held back to be written together. */
  flush(): void;
  ping(): void;
  pause(): void;
  resume(): void;
  /** Begins the close handshake behind what was written; `onEnd` follows. */
  close(code: number, reason: string): void;
  /** Drops everything; `onEnd` follows unless it came before. */
  terminate(): void;
}
