import { isErrorCode, type ErrorCode, type HubStats } from "@conic/domain";

export interface ServerStats {
  /** Connections that are open, registered or not. */
  readonly connections: number;
  /** Ids that are held by connections of this server. */
  readonly registered: number;
  /** Rooms with somebody in them. */
  readonly rooms: number;
  /** Those of them that are kept for clients whose connection broke off. */
  readonly away: number;
  /** Connections since the server was created. */
  readonly connectionsTotal: number;
  /** Frames that clients sent. */
  readonly framesReceived: number;
  /** `error` messages that clients were sent, by code. Codes that never were are missing. */
  readonly errorsSent: Readonly<Partial<Record<ErrorCode, number>>>;
  /** Whether `close` was called. */
  readonly closing: boolean;
  readonly hub: HubStats;
}

/** What a server counts. */
export class Counters {
  #connections = 0;
  #frames = 0;
  readonly #errors = new Map<ErrorCode, number>();

  get connectionsTotal(): number {
    return this.#connections;
  }

  get framesReceived(): number {
    return this.#frames;
  }

  get errorsSent(): Partial<Record<ErrorCode, number>> {
    return Object.fromEntries(this.#errors);
  }

  connectionAccepted(): void {
    this.#connections += 1;
  }

  frameReceived(): void {
    this.#frames += 1;
  }

  errorSent(code: string): void {
    if (isErrorCode(code)) this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }
}
