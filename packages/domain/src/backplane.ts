import type { ConicError } from "./errors.js";

/** Name of one of the nodes that form one server: `0`, `1`, … for processes of a machine, or whatever a broker uses. */
export type NodeId = string;

/** What a backplane tells its node. Called one after the other, never from within a call into the backplane. */
export interface BackplaneHandler {
  /** A message of another node. What this throws ends the link to that node: `down`, then, later, `up`. */
  message(from: NodeId, message: Uint8Array): void;
  /** Messages go both ways from now on. */
  up(node: NodeId): void;
  /** The link is gone, and what was on it: what was sent since `up` may or may not have arrived. */
  down(node: NodeId): void;
}

/**
 * What joins the nodes of one server: processes of one machine, or machines behind a broker.
 *
 * Between `up` and `down` of a link, every message arrives exactly once and in the order in which it was sent, or the
 * link goes down, at both ends. Nothing of before a `down` arrives after it. Who is a member is fixed; a node that has
 * died may come back under its name, with nothing in its memory.
 *
 * Made by an asynchronous function of its implementation, which resolves once other nodes can reach this one.
 */
export interface Backplane extends AsyncDisposable {
  readonly self: NodeId;
  /** All members, this one too: the same list in the same order on each. */
  readonly nodes: readonly NodeId[];
  /** Bytes of one message; `send` refuses more. */
  readonly maxMessageBytes: number;
  /**
   * Begins to read; what other nodes sent before waits. `up` is told of every link that is up.
   * @throws ConicError `invalid_state` when it was called before.
   */
  listen(handler: BackplaneHandler): void;
  /** True from `up` on, and false from the moment that `down` is about to be told. Of this node itself: false. */
  isUp(node: NodeId): boolean;
  /**
   * Queues a message, whose bytes are the backplane's from now on. Returns false when so much waits for that node that
   * what can be held back should be.
   * @throws ConicError `unreachable` when the link is not up, `too_large`, and `buffer_full` when more than the limit
   * waits: then the link goes down, since a node that does not read is no better than one that is gone.
   */
  send(node: NodeId, message: Uint8Array): boolean;
  /** Ends the link to a node, which then is made anew. */
  reset(node: NodeId, reason: ConicError): void;
  /** Sends what is queued, then leaves: the others see this node go down, it hears no more. Idempotent. */
  close(): Promise<void>;
}
