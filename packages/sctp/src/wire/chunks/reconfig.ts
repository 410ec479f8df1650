import { chunkType, parameterType } from "../constants.js";
import { readParameters, viewOf, writeChunk, writeParameter } from "../parameters.js";

/** RFC 6525 section 4.4. */
export const reconfigResult = {
  nothingToDo: 0,
  performed: 1,
  denied: 2,
  wrongNumber: 5,
  inProgress: 6,
} as const;

export interface OutgoingReset {
  readonly kind: "outgoingReset";
  readonly requestNumber: number;
  /** Last TSN that the sender assigned before: reset once everything up to it is here. */
  readonly lastTsn: number;
  /** None means all. */
  readonly streamIds: readonly number[];
}

export type ReconfigParameter =
  | OutgoingReset
  | {
      readonly kind: "incomingReset";
      readonly requestNumber: number;
      readonly streamIds: readonly number[];
    }
  | { readonly kind: "response"; readonly responseNumber: number; readonly result: number }
  /** A request that is not served: resets of all TSNs, more streams. */
  | { readonly kind: "other"; readonly requestNumber: number };

/** The parameters of a RE-CONFIG chunk; undefined when it is malformed. */
export function readReconfig(value: Uint8Array): ReconfigParameter[] | undefined {
  const parameters = readParameters(value);
  // One or two (RFC 6525 section 3.1).
  if (parameters === undefined || parameters.length > 2) return undefined;
  const read: ReconfigParameter[] = [];
  for (const { type, value: body } of parameters) {
    const parameter = readParameter(type, body);
    if (parameter === undefined) return undefined;
    read.push(parameter);
  }
  return read;
}

function readParameter(type: number, body: Uint8Array): ReconfigParameter | undefined {
  const view = viewOf(body);
  if (body.length < 4) return undefined;
  const requestNumber = view.getUint32(0);
  switch (type) {
    case parameterType.outgoingReset:
      if (body.length < 12) return undefined;
      return {
        kind: "outgoingReset",
        requestNumber,
        lastTsn: view.getUint32(8),
        streamIds: readIds(view, 12),
      };
    case parameterType.incomingReset:
      return { kind: "incomingReset", requestNumber, streamIds: readIds(view, 4) };
    case parameterType.response:
      if (body.length < 8) return undefined;
      return { kind: "response", responseNumber: requestNumber, result: view.getUint32(4) };
    default:
      return { kind: "other", requestNumber };
  }
}

function readIds(view: DataView, from: number): number[] {
  const ids: number[] = [];
  for (let at = from; at + 2 <= view.byteLength; at += 2) ids.push(view.getUint16(at));
  return ids;
}

export function writeOutgoingReset(
  request: Omit<OutgoingReset, "kind">,
  responseNumber: number,
): Uint8Array {
  const body = new Uint8Array(12 + request.streamIds.length * 2);
  const view = viewOf(body);
  view.setUint32(0, request.requestNumber);
  view.setUint32(4, responseNumber);
  view.setUint32(8, request.lastTsn);
  request.streamIds.forEach((id, index) => {
    view.setUint16(12 + index * 2, id);
  });
  return writeChunk(chunkType.reconfig, 0, writeParameter(parameterType.outgoingReset, body));
}

export function writeReconfigResponse(responseNumber: number, result: number): Uint8Array {
  const body = new Uint8Array(8);
  const view = viewOf(body);
  view.setUint32(0, responseNumber);
  view.setUint32(4, result);
  return writeChunk(chunkType.reconfig, 0, writeParameter(parameterType.response, body));
}
