import {
  Emitter,
  deferred,
  type CallPath,
  type Clock,
  type CloseInfo,
  type ConicError,
  type Deferred,
  type Logger,
} from "@conic/domain";
import type { PeerConnectionEvents, PeerConnectionState } from "../options.js";

/** What the application sees of the life of a connection: its state and path, and how they change. */
export class Lifecycle {
  readonly events: Emitter<PeerConnectionEvents>;
  readonly connected: Deferred<void> = deferred();
  readonly closed: Deferred<CloseInfo> = deferred();
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #startedAt: number;
  #connectTimeMs: number | undefined;
  #state: PeerConnectionState = "new";
  #path: CallPath | undefined;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#logger = logger;
    this.events = new Emitter((error, type) => {
      logger.error({ err: error, event: type }, "a listener threw");
    });
  }

  get state(): PeerConnectionState {
    return this.#state;
  }

  /** Of the last path, once there was one. */
  get path(): CallPath | undefined {
    return this.#path;
  }

  /** Ms until it stood for the first time; undefined before. */
  get connectTimeMs(): number | undefined {
    return this.#connectTimeMs;
  }

  stands(): void {
    this.#connectTimeMs ??= this.#clock.now() - this.#startedAt;
    this.setState("connected");
    this.connected.resolve();
  }

  /** `closed` is the last one. */
  setState(state: PeerConnectionState): void {
    if (this.#state === state || this.#state === "closed") return;
    this.#state = state;
    this.#logger.debug({ state }, "connection state");
    this.events.emit("connectionstatechange", state);
  }

  setPath(path: CallPath | undefined): void {
    if (path === undefined || path === this.#path) return;
    this.#path = path;
    this.#logger.debug({ path }, "connection path");
    this.events.emit("pathchange", path);
  }

  fault(error: ConicError): void {
    this.#logger.debug({ code: error.code, err: error }, "a fault that the connection survives");
    this.events.emit("fault", error);
  }
}
