import { Frame, isCallFailureReason, isErrorCode, type LogFields } from "@conic/domain";
import { decodeClientMessage, decodeServerMessage } from "./decode.js";
import type { Message } from "./messages.js";

// Correlation ids are free text: one that is no name, but could be a candidate, a forged line, or a command to whatever
// reads the log, is left out.
const name = /^[\w.~@:-]{1,64}$/;

function bodyFields(message: Message): LogFields {
  const { type, body } = message;
  switch (type) {
    case "register":
      return { token: body.Token !== undefined, resume: body.Resume !== undefined };
    case "unregister":
    case "unregister_response":
      return {};
    case "register_response":
      return { iceServers: body.ICEServers.length };
    case "sdp":
      return {
        sdpType: body.SessionDescription.type,
        sdpChars: body.SessionDescription.sdp.length,
      };
    case "candidate":
      return { candidateChars: body.Candidate.length };
    case "data_channel":
      return { labelChars: body.Label.length, dataChars: body.Data.length };
    // Who knows the name of a room can often join it.
    case "join":
    case "leave":
    case "leave_response":
    case "peer_joined":
    case "peer_left":
      return { roomChars: body.Room.length };
    case "peers":
      return { roomChars: body.Room.length, peers: body.Peers.length };
    case "report":
      return {
        outcome: body.Outcome,
        ...(isCallFailureReason(body.Reason) ? { reason: body.Reason } : {}),
      };
    case "ack":
      return { received: body.Received };
    case "error":
      return { code: isErrorCode(body.Code) ? body.Code : "unknown" };
    default:
      return type satisfies never;
  }
}

function messageFields(message: Message): LogFields {
  const { type, id, body } = message;
  return {
    type,
    ...(id !== undefined && name.test(id) ? { correlationId: id } : {}),
    ...("ID" in body ? { from: body.ID } : {}),
    ...("TargetID" in body ? { to: body.TargetID } : {}),
    ...bodyFields(message),
  };
}

function decodeAny(frame: Frame): Message | undefined {
  for (const decode of [decodeClientMessage, decodeServerMessage]) {
    try {
      return decode(frame).message;
    } catch {
      // Not of this direction.
    }
  }
  return undefined;
}

/**
 * What may be logged of a message or frame: its type, ids and sizes. Never descriptions, candidates, data, labels,
 * tokens or secrets, nor anything of a frame that is not a message.
 */
export function redact(value: Message | Frame): LogFields {
  if (!(value instanceof Frame)) return messageFields(value);
  const message = decodeAny(value);
  return {
    ...(message === undefined ? { type: "invalid" } : messageFields(message)),
    bytes: value.byteLength,
  };
}
