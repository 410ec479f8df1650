import {
  ConicError,
  deferred,
  raceAbort,
  type AbortOptions,
  type CloseInfo,
  type CloseOptions,
  type Connection,
  type Deferred,
  type Frame,
  type StreamState,
} from "@conic/domain";

let count = 0;

/** What a connection does with what it is told; a test changes it at any time. */
export interface FakeBehaviour {
  /** Throws what `send` throws. Default: accepts. */
  send?: (connection: FakeConnection, frame: Frame) => void;
  /** `hang` waits for `abort`, as for a peer that never answers; `reject` fails. Default `answer`. */
  close?: "answer" | "hang" | "reject";
  /** `late` leaves it to the test to call `end`, as a socket tells of its end in a later turn. Default `now`. */
  abort?: "now" | "late";
}

/** A connection to nobody, which remembers what it was told. */
export class FakeConnection implements Connection {
  readonly id: string = `fake-${(count += 1)}`;
  readonly protocol: string = "conic.v1";
  readonly remoteAddress: string = "";
  readonly bufferedAmount: number = 0;
  readonly opened: Promise<void> = Promise.resolve();
  readonly received: string[] = [];
  readonly closeCalls: CloseOptions[] = [];
  behaviour: FakeBehaviour;
  /** How often somebody asked for `closed`: each may leave a reaction behind. */
  closedReads = 0;
  readonly #closed: Deferred<CloseInfo> = deferred<CloseInfo>();
  #state: StreamState = "open";

  constructor(behaviour: FakeBehaviour = {}) {
    this.behaviour = behaviour;
  }

  get readyState(): StreamState {
    return this.#state;
  }

  get closed(): Promise<CloseInfo> {
    this.closedReads += 1;
    return this.#closed.promise;
  }

  send(frame: Frame): boolean {
    if (this.#state !== "open") throw new ConicError("closed", "the connection is closed");
    this.behaviour.send?.(this, frame);
    this.received.push(frame.text);
    return true;
  }

  ready(options: AbortOptions = {}): Promise<void> {
    return raceAbort(Promise.resolve(), options.signal);
  }

  async close(options: CloseOptions = {}): Promise<void> {
    this.closeCalls.push(options);
    if (this.#state === "open") this.#state = "closing";
    const { close } = this.behaviour;
    if (close === "reject") throw new Error("close failed");
    if (close !== "hang") this.end({ code: options.code ?? 1000, reason: "", wasClean: true });
    await this.#closed.promise;
  }

  abort(reason: ConicError): void {
    if (this.behaviour.abort === "late") return;
    this.end({ code: 1006, reason: "", wasClean: false, error: reason });
  }

  /** The other end is gone. */
  end(info: CloseInfo): void {
    this.#state = "closed";
    this.#closed.resolve(info);
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return {
      next: async () => {
        await this.#closed.promise;
        return { done: true, value: undefined };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The eviction of a WebSocket connection: it closes itself, and says so. */
export function evict(connection: FakeConnection): never {
  const error = new ConicError("slow_consumer", "the other end does not read");
  connection.abort(error);
  throw error;
}
