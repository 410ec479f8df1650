import { Frame } from "@conic/domain";
import type { MessageFactory } from "./contract/types.js";

/** Text frames for the contract suite: the number, then filling. */
export const frameMessages: MessageFactory<Frame> = {
  make: (index, bytes) => Frame.fromText(`${index}:`.padEnd(bytes, "x")),
  equals: (a, b) => a.text === b.text,
};
