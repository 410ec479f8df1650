import { deferred } from "@conic/domain";
import type { ControlStream, MediaCall } from "../call/media-call.js";
import { decodeControl, encodeControl, type ControlMessage } from "./messages.js";

/** Of the data channel beside the media. */
export const controlLabel = "control";

/** More than this is not kept for a channel that is not open yet. */
const maxWaitingMessages = 64;

export interface ControlOptions {
  readonly call: MediaCall;
  /** Whether this side called. */
  readonly opens: boolean;
  readonly onMessage: (message: ControlMessage) => void;
  /** What a person types at the other side, on a channel of its own. */
  readonly onText: (text: string) => void;
}

/**
 * The control channel of a call: the caller opens it, the other side takes it. A caller that opens another one first,
 * such as a browser for its chat, knows nothing of it; it gets one all the same, and may listen. A peer that has none is
 * no fault: what is sent to it goes nowhere.
 */
export class Control {
  readonly #options: ControlOptions;
  readonly #over = deferred<void>();
  #waiting: string[] = [];
  #stream: ControlStream | undefined;
  #isOpening = false;
  #known = false;

  constructor(options: ControlOptions) {
    this.#options = options;
    if (options.opens) this.#create();
    void this.#takeAll();
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

  #create(): void {
    void this.#open(this.#options.call.createDataChannel(controlLabel));
  }

  async #takeAll(): Promise<void> {
    for await (const stream of this.#options.call.dataChannels()) {
      const isControl = stream.label === controlLabel;
      if (isControl && !this.#isOpening) void this.#open(stream);
      else void this.#read(stream, isControl ? () => undefined : this.#options.onText);
      if (!this.#isOpening) this.#create();
    }
    this.#over.resolve();
  }

  async #open(stream: ControlStream): Promise<void> {
    this.#isOpening = true;
    try {
      await stream.opened;
      this.#stream = stream;
      for (const line of this.#waiting.splice(0)) stream.send(line);
    } catch {
      // Its end comes with the end of the call, which is told by the call.
    }
    await this.#read(stream, (text) => this.#receive(text));
    this.#over.resolve();
  }

  /** What nobody reads would fill the channel up. */
  async #read(stream: ControlStream, onText: (text: string) => void): Promise<void> {
    try {
      for await (const data of stream) if (typeof data === "string") onText(data);
    } catch {
      // As above.
    }
  }

  #receive(text: string): void {
    for (const message of decodeControl(text)) {
      this.#known = true;
      this.#options.onMessage(message);
    }
  }
}
