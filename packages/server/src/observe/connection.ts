import type { Connection, Frame } from "@conic/domain";
import { WrappedConnection } from "../session/wrapped-connection.js";
import type { GuardedObserver } from "./observer.js";

/** A connection whose every sent frame is told. */
export class ObservedConnection extends WrappedConnection {
  readonly #observer: GuardedObserver;

  constructor(inner: Connection, observer: GuardedObserver) {
    super(inner);
    this.#observer = observer;
  }

  override send(frame: Frame): boolean {
    const below = this.inner.send(frame);
    this.#observer.frameSent(frame.byteLength);
    return below;
  }
}
