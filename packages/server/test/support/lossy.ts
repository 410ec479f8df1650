import { ConicError, type Connection } from "@conic/domain";
import { memoryPair } from "@conic/transport";
import type { SignalingServer } from "../../src/index.js";

/** After how many frames a connection fails, and whether anybody is told. */
export interface Failure {
  readonly up: number;
  readonly down: number;
  readonly how: "cut" | "half-open";
}

/** A connection to a server that fails. */
export interface LossyConnection {
  /** The client's end. */
  readonly near: Connection;
  /** It fails after so many frames from now on. */
  arm(failure: Failure): void;
  /** Whether it has failed, though one end may not know. */
  readonly failed: boolean;
  /** The server finds out, as by a ping that nobody answers. */
  expose(): void;
}

export function lossyConnection(server: SignalingServer): LossyConnection {
  const [near, outer] = memoryPair();
  const [inner, far] = memoryPair();
  server.handleConnection(far);
  const left = { up: Infinity, down: Infinity };
  let how: Failure["how"] = "cut";
  let failed = false;
  const lost = new ConicError("closed", "the test cut the connection");
  const fail = (): void => {
    if (failed) return;
    failed = true;
    if (how === "half-open") return;
    outer.abort(lost);
    inner.abort(lost);
  };
  const pump = async (from: Connection, to: Connection, way: "up" | "down"): Promise<void> => {
    for await (const frame of from) {
      if (left[way] <= 0) fail();
      if (failed) continue;
      left[way] -= 1;
      if (to.readyState === "open") to.send(frame);
    }
    if (!failed) void to.close((await from.closed).code === 1006 ? {} : await from.closed);
  };
  void pump(outer, inner, "up");
  void pump(inner, outer, "down");
  return {
    near,
    arm: (failure) => {
      left.up = failure.up;
      left.down = failure.down;
      how = failure.how;
    },
    get failed() {
      return failed;
    },
    expose: () => {
      inner.abort(lost);
    },
  };
}
