import { channelRows } from "./channels.js";
import { endingRows } from "./endings.js";
import { messageRows } from "./messages.js";
import { negotiationRows } from "./negotiation.js";

const { connect, ...laterRounds } = negotiationRows;

/** All rows of the matrix, in its order. */
export const rows = {
  connect,
  ...messageRows,
  ...channelRows,
  ...endingRows,
  ...laterRounds,
} as const;

export type RowName = keyof typeof rows;
