import type { Connection, Frame } from "@conic/domain";
import { decodeClientMessage, encodeMessage, forwardFrame, isGoFrame } from "@conic/protocol";
import { GoDialect } from "./go.js";
import type { Dialect } from "./types.js";

/** Nothing to translate: frames go on as they came, and the hub writes to the connection itself. */
const conicV1: Dialect = {
  name: "conic.v1",
  decode: decodeClientMessage,
  encode: encodeMessage,
  forward: forwardFrame,
  outlet: (connection) => connection,
};

/** The dialect of a connection whose client said it with the subprotocol; undefined when its first frame decides. */
export function negotiatedDialect({ protocol }: Connection): Dialect | undefined {
  return protocol === "conic.v1" ? conicV1 : undefined;
}

/** The dialect of a connection of which nothing is known but, where it has come, its first frame. */
export function dialectOf(first: Frame | undefined): Dialect {
  return first !== undefined && isGoFrame(first) ? new GoDialect() : conicV1;
}
