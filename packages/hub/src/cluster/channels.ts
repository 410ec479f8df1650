import { ConicError, type Backplane, type BackplaneHandler, type NodeId } from "@conic/domain";

/** One of several users of a backplane: what it sends arrives at the channel of the same number. */
export interface Channel extends Pick<
  Backplane,
  "self" | "nodes" | "maxMessageBytes" | "isUp" | "send" | "reset"
> {
  /** As that of the backplane; of every channel before the first message, so that none is missed. */
  listen(handler: BackplaneHandler): void;
}

const maxChannels = 256;
const headerBytes = 1;

class NumberedChannel implements Channel {
  readonly #backplane: Backplane;
  readonly #number: number;
  readonly #handlers: Map<number, BackplaneHandler>;

  constructor(backplane: Backplane, number: number, handlers: Map<number, BackplaneHandler>) {
    this.#backplane = backplane;
    this.#number = number;
    this.#handlers = handlers;
  }

  get self(): NodeId {
    return this.#backplane.self;
  }

  get nodes(): readonly NodeId[] {
    return this.#backplane.nodes;
  }

  get maxMessageBytes(): number {
    return this.#backplane.maxMessageBytes - headerBytes;
  }

  listen(handler: BackplaneHandler): void {
    if (this.#handlers.has(this.#number)) {
      throw new ConicError("invalid_state", "this channel is read already");
    }
    this.#handlers.set(this.#number, handler);
  }

  isUp(node: NodeId): boolean {
    return this.#backplane.isUp(node);
  }

  send(node: NodeId, message: Uint8Array): boolean {
    const framed = new Uint8Array(message.byteLength + headerBytes);
    framed[0] = this.#number;
    framed.set(message, headerBytes);
    return this.#backplane.send(node, framed);
  }

  reset(node: NodeId, reason: ConicError): void {
    this.#backplane.reset(node, reason);
  }
}

/** A backplane that several share. Messages keep their order between two nodes, also across channels. */
export class Channels {
  readonly #backplane: Backplane;
  readonly #handlers: Map<number, BackplaneHandler> = new Map();

  constructor(backplane: Backplane) {
    this.#backplane = backplane;
  }

  /** @throws ConicError `invalid_argument` for a number that is not from 0 to 255. */
  open(number: number): Channel {
    if (!Number.isInteger(number) || number < 0 || number >= maxChannels) {
      throw new ConicError("invalid_argument", "a channel has a number from 0 to 255");
    }
    return new NumberedChannel(this.#backplane, number, this.#handlers);
  }

  /** Begins to read, once every channel is listened to. Links that come and go are told to all, in order of listening. */
  start(): void {
    const handlers = this.#handlers;
    this.#backplane.listen({
      message: (from, message) => {
        const handler = handlers.get(message[0] ?? maxChannels);
        if (handler === undefined) {
          throw new ConicError("invalid_data", "a node speaks of something unknown", {
            details: { byteOffset: 0 },
          });
        }
        handler.message(from, message.subarray(headerBytes));
      },
      up: (node) => {
        for (const handler of handlers.values()) handler.up(node);
      },
      down: (node) => {
        for (const handler of handlers.values()) handler.down(node);
      },
    });
  }
}
