import { ConicError, type ErrorCode, type Frame } from "@conic/domain";
import type { Link, LinkEvents } from "@conic/transport";
import type { EntryMessage, HomeMessage } from "./messages.js";

/** What the entry may have on its way that this end has not read. */
export const windowBytes = 32_768;
/** What a frame counts beside its bytes, so that many small ones are bounded too. */
export const frameCostBytes = 64;

type Body<M> = M extends unknown ? Omit<M, "tunnel"> : never;

export interface VisitSetup {
  readonly opening: Extract<EntryMessage, { readonly type: "open" }>;
  readonly send: (message: Body<HomeMessage>) => void;
  /** Nothing comes any more. */
  readonly onOver: () => void;
}

/** The home's end of a tunnel: a link to a client that is connected to another node. */
export class Visit implements Link {
  readonly #setup: VisitSetup;
  #events: LinkEvents | undefined;
  #unsent = 0;
  #unread = 0;
  #paused = false;
  #over = false;

  constructor(setup: VisitSetup) {
    this.#setup = setup;
  }

  /** What the entry has not handed on to the client. */
  get bufferedAmount(): number {
    return this.#unsent;
  }

  start(events: LinkEvents): void {
    this.#events = events;
    const { protocol, remoteAddress } = this.#setup.opening;
    events.onOpen(protocol, remoteAddress);
  }

  write(frame: Frame): void {
    if (this.#over) return;
    this.#unsent += frame.byteLength;
    this.#setup.send({ type: "down", frame });
  }

  flush(): void {
    // The backplane batches for all tunnels at once.
  }

  ping(): void {
    // The entry does.
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#credit();
  }

  close(code: number, reason: string): void {
    if (!this.#over) this.#setup.send({ type: "close", code, reason });
  }

  terminate(): void {
    if (this.#over) return;
    this.#setup.send({ type: "abort" });
    this.lose();
  }

  /** The client goes on elsewhere: gives back this frame, and all that comes until the entry has understood. */
  move(message: Extract<Body<HomeMessage>, { readonly type: "move" }>): void {
    if (!this.#over) this.#setup.send(message);
  }

  back(frame: Frame): void {
    this.#setup.send({ type: "back", frame });
  }

  /** All was given back. */
  done(): void {
    this.#setup.send({ type: "done" });
  }

  onUp(frame: Frame): void {
    this.#unread += frame.byteLength + frameCostBytes;
    this.#events?.onTraffic();
    this.#events?.onFrame(frame);
    this.#credit();
  }

  onSent(bytes: number): void {
    this.#unsent = Math.max(0, this.#unsent - bytes);
    this.#events?.onDrain();
  }

  onEnded({ code, reason, wasClean, error }: Extract<EntryMessage, { type: "ended" }>): void {
    if (error === undefined || error === "closed") this.#end(code, reason, wasClean);
    else this.#fail(error);
  }

  /** The entry sends no more, as it was asked. */
  onLeft(): void {
    this.#end(1000, "moved", true);
  }

  /** The entry is gone. */
  lose(): void {
    // Later, as a network would tell it: whoever terminates is in the middle of something.
    queueMicrotask(() => {
      this.#end(1006, "", false);
    });
  }

  #fail(code: ErrorCode): void {
    if (this.#over) return;
    this.#over = true;
    this.#events?.onFailure(new ConicError(code, "the connection of the client has ended so"));
    this.#setup.onOver();
  }

  #end(code: number, reason: string, clean: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#unsent = 0;
    this.#events?.onEnd({ code, reason, clean });
    this.#setup.onOver();
  }

  #credit(): void {
    if (this.#paused || this.#over || this.#unread * 2 < windowBytes) return;
    this.#setup.send({ type: "read", bytes: this.#unread });
    this.#unread = 0;
  }
}
