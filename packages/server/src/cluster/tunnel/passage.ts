import {
  closeCodes,
  ConicError,
  deferred,
  isConicError,
  type CloseInfo,
  type Connection,
  type Deferred,
  type Frame,
  type Logger,
} from "@conic/domain";
import type { EntryMessage, HomeMessage } from "./messages.js";
import type { Departure } from "./segment.js";
import { frameCostBytes, windowBytes } from "./visit.js";

type Body<M> = M extends unknown ? Omit<M, "tunnel"> : never;

export interface PassageSetup {
  /** That of the client, owned from now on. */
  readonly connection: Connection;
  readonly send: (message: Body<EntryMessage>) => void;
  /** The client goes on elsewhere, with the connection as it is. */
  readonly onMoved: (departure: Departure) => void;
  /** Nothing comes any more. */
  readonly onOver: () => void;
  readonly logger: Logger;
}

/**
 * The entry's end of a tunnel: hands on what the client and the home of its id say, and looks at none of it.
 *
 * ```
 * open --move from the home--> leaving --done from the home--> over (the client goes on elsewhere)
 * any  --connection closed, or the home gone--> over
 * ```
 */
export class Passage {
  readonly #setup: PassageSetup;
  readonly #connection: Connection;
  #frames: AsyncIterator<Frame> | undefined;
  #unread = 0;
  #room: Deferred<void> | undefined;
  #departure:
    | { readonly node: string; readonly waitedMs: number; readonly frames: Frame[] }
    | undefined;
  #over = false;
  /** Bytes that left for the client and that the home has not been told of. */
  #sent = 0;
  /** Those that wait for the client to read. */
  #held = 0;
  #telling = false;

  constructor(setup: PassageSetup) {
    this.#setup = setup;
    this.#connection = setup.connection;
    void setup.connection.closed.then(() => {
      this.#room?.resolve();
    });
  }

  /** Begins with what the client has said already. */
  start({ frames, waitedMs }: Departure): void {
    const { id: name, protocol, remoteAddress } = this.#connection;
    this.#setup.send({ type: "open", name, protocol, remoteAddress, waitedMs });
    for (const frame of frames) this.#sendUp(frame);
    void this.#pump();
  }

  /** Asks the home to say goodbye to the client. Resolves when the connection is closed. */
  async end(): Promise<void> {
    if (!this.#over) this.#setup.send({ type: "leaving" });
    await this.#connection.closed;
  }

  abort(reason: ConicError): void {
    this.#connection.abort(reason);
  }

  /** The home is gone. The client is asked to come back: its id has a new home by then, which knows nothing of it. */
  lose(): void {
    if (this.#over) return;
    this.#finish();
    void this.#connection.close({ code: closeCodes.goingAway, reason: "shutting_down" });
  }

  onMessage(message: HomeMessage): void {
    switch (message.type) {
      case "down":
        this.#sendDown(message.frame);
        return;
      case "read":
        this.#unread = Math.max(0, this.#unread - message.bytes);
        if (this.#unread < windowBytes) this.#room?.resolve();
        return;
      case "close":
        this.#close(message.code, message.reason);
        return;
      case "abort":
        this.#connection.abort(new ConicError("closed", "the home of the client has ended it"));
        return;
      case "move":
        this.#leave(message);
        return;
      case "back":
        this.#departure?.frames.push(message.frame);
        return;
      case "done":
        this.#done();
    }
  }

  async #pump(): Promise<void> {
    const frames = this.#connection[Symbol.asyncIterator]();
    this.#frames = frames;
    let over = false;
    while (!over && this.#departure === undefined && !this.#over) {
      const next = await frames.next();
      over = next.done === true;
      if (next.done === true) break;
      this.#sendUp(next.value);
      if (this.#unread >= windowBytes) await this.#relief();
    }
    if (this.#over) return;
    if (this.#departure !== undefined) {
      await frames.return?.();
      this.#setup.send({ type: "left" });
      return;
    }
    this.#ended(await this.#connection.closed);
  }

  #sendUp(frame: Frame): void {
    if (this.#over) return;
    this.#unread += frame.byteLength + frameCostBytes;
    this.#setup.send({ type: "up", frame });
  }

  /** Until the home has read. A client that is gone has sent all that it will: that is handed on at once. */
  async #relief(): Promise<void> {
    while (this.#unread >= windowBytes && !this.#over && this.#departure === undefined) {
      if (this.#connection.readyState === "closed") return;
      this.#room = deferred<void>();
      await this.#room.promise;
    }
  }

  #sendDown(frame: Frame): void {
    let fluent = true;
    try {
      fluent = this.#connection.send(frame);
    } catch (error) {
      // Why it closed is told by `closed`.
      if (!isConicError(error, "closed") && !isConicError(error, "slow_consumer")) {
        this.#setup.logger.warn(
          { err: error },
          "a frame for a client of another node was not sent",
        );
      }
    }
    if (fluent) {
      this.#sent += frame.byteLength;
      this.#tellSent();
      return;
    }
    this.#held += frame.byteLength;
    void this.#connection.ready().then(this.#unhold, () => undefined);
  }

  readonly #unhold = (): void => {
    this.#sent += this.#held;
    this.#held = 0;
    this.#tellSent();
  };

  /** Once for all frames that came together. */
  #tellSent(): void {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      const bytes = this.#sent;
      this.#sent = 0;
      if (bytes > 0 && !this.#over) this.#setup.send({ type: "sent", bytes });
    });
  }

  #close(code: number, reason: string): void {
    this.#connection.close({ code, reason }).catch((error: unknown) => {
      this.#connection.abort(ConicError.from(error, "internal"));
    });
  }

  #leave({ node, waitedMs, frame }: Extract<HomeMessage, { readonly type: "move" }>): void {
    if (this.#departure !== undefined) return;
    this.#departure = { node, waitedMs, frames: [frame] };
    this.#room?.resolve();
    // Ends the wait for the next frame, which then stays where it is.
    void this.#frames?.return?.();
  }

  #done(): void {
    const departure = this.#departure;
    if (departure === undefined || this.#over) return;
    this.#finish();
    this.#setup.onMoved(departure);
  }

  #ended({ code, reason, wasClean, error }: CloseInfo): void {
    this.#setup.send({ type: "ended", code, reason, wasClean, error: error?.code });
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#room?.resolve();
    void this.#frames?.return?.();
    this.#setup.onOver();
  }
}
