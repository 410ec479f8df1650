import type { Frame } from "@conic/domain";
import { decodeServerMessage, encodeGoMessage, type ServerMessage } from "@conic/protocol";
import { WrappedConnection } from "../session/wrapped-connection.js";

function read(frame: Frame): ServerMessage | undefined {
  try {
    return decodeServerMessage(frame).message;
  } catch {
    return undefined;
  }
}

/** The connection of a client of the Go dialect, as the hub sees it: frames of `conic.v1` arrive translated. */
export class GoOutlet extends WrappedConnection {
  /** What is in the Go dialect already. */
  readonly #accepted = new WeakSet<Frame>();

  /** Says that this frame, which `send` will be given, needs no translation. */
  accept(frame: Frame): Frame {
    this.#accepted.add(frame);
    return frame;
  }

  override send(frame: Frame): boolean {
    if (this.#accepted.has(frame)) return this.inner.send(frame);
    const message = read(frame);
    // An embedder may have put a frame of its own into the hub: that is between it and its client.
    if (message === undefined) return this.inner.send(frame);
    const translated = encodeGoMessage(message, new Date());
    return translated === undefined || this.inner.send(translated);
  }
}
