import { deferred } from "@conic/domain";
import type { ControlStream, MediaCall } from "../call/media-call.js";
import { decodeControl, encodeControl, type ControlMessage } from "./messages.js";

/** Of the data channel beside the media. */
export const controlLabel = "control";

/** More than this is not kept for a channel that is not open yet. */
const maxWaitingMessages = 64;

/**
 * The control channel of a call: the caller opens it, the other side takes it. A peer that has none, such as a browser,
 * is no fault: what is sent to it goes nowhere.
 */
export class Control {
  readonly #onMessage: (message: ControlMessage) => void;
  readonly #over = deferred<void>();
  #waiting: string[] = [];
  #stream: ControlStream | undefined;
  #known = false;

  constructor(call: MediaCall, opens: boolean, onMessage: (message: ControlMessage) => void) {
    this.#onMessage = onMessage;
    void (opens ? this.#open(call.createDataChannel(controlLabel)) : this.#take(call));
  }

  /** Whether the other side has said anything. */
  get isAnswered(): boolean {
    return this.#known;
  }

  /** Resolves when nothing comes any more. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  send(message: ControlMessage): void {
    const line = encodeControl(message);
    if (this.#stream === undefined) {
      if (this.#waiting.length < maxWaitingMessages) this.#waiting.push(line);
      return;
    }
    try {
      this.#stream.send(line);
    } catch {
      // It is closed: the call is ending, and says so itself.
    }
  }

  async #take(call: MediaCall): Promise<void> {
    for await (const stream of call.dataChannels()) {
      if (stream.label === controlLabel && this.#stream === undefined) void this.#open(stream);
    }
    this.#over.resolve();
  }

  async #open(stream: ControlStream): Promise<void> {
    try {
      await stream.opened;
      this.#stream = stream;
      for (const line of this.#waiting.splice(0)) stream.send(line);
      for await (const data of stream) {
        if (typeof data === "string") this.#receive(data);
      }
    } catch {
      // Its end comes with the end of the call, which is told by the call.
    } finally {
      this.#over.resolve();
    }
  }

  #receive(text: string): void {
    for (const message of decodeControl(text)) {
      this.#known = true;
      this.#onMessage(message);
    }
  }
}
