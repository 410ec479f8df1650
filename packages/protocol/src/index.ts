export { decodeData, encodeData } from "./base64.js";
export { decodeGoClientMessage, decodeGoServerMessage, isGoFrame } from "./go/decode.js";
export { encodeGoMessage, encodeGoRefusal, forwardGoFrame, type ForwardTo } from "./go/encode.js";
export { Router } from "./router/router.js";
export { Acknowledger, ackIntervalFrames, ackIntervalMs } from "./resume/acknowledger.js";
export { SendWindow } from "./resume/send-window.js";
export type { Handlers, RouterOptions, RouterSession } from "./router/types.js";
export type { Schema, SchemaIssue, SchemaResult } from "./schema.js";
export { decodeCandidate, encodeCandidate } from "./v1/candidate.js";
export { decodeClientMessage, decodeServerMessage } from "./v1/decode.js";
export { encodeMessage } from "./v1/encode.js";
export { errorFromMessage, errorMessage, isWireErrorCode, toWireError } from "./v1/errors.js";
export { deliveryError, forwardFrame, requireOwnId } from "./v1/forward.js";
export {
  maxCorrelationIdChars,
  type AckBody,
  type Addressed,
  type CandidateBody,
  type ClientBodies,
  type ClientMessage,
  type ClientMessageType,
  type DataChannelBody,
  type Decoded,
  type ErrorBody,
  type Forwarded,
  type LeaveResponseBody,
  type Message,
  type PeersBody,
  type PresenceBody,
  type RegisterBody,
  type RegisterResponseBody,
  type RelayHead,
  type RelayMessage,
  type RelayMessageType,
  type ReportBody,
  type RoomBody,
  type SdpBody,
  type ServerBodies,
  type ServerMessage,
  type ServerMessageType,
  type UnregisterBody,
  type UnregisterResponseBody,
} from "./v1/messages.js";
export { redact } from "./v1/redact.js";
export { isRoomName, maxRoomNameChars, parseRoomName, type RoomName } from "./room-name.js";
export {
  ackBody,
  candidateBody,
  dataChannelBody,
  errorBody,
  leaveResponseBody,
  peersBody,
  presenceBody,
  registerBody,
  registerResponseBody,
  reportBody,
  roomBody,
  sdpBody,
  unregisterBody,
  unregisterResponseBody,
} from "./v1/schema.js";
export { messageToSignal, signalToMessage, type SignalMessage } from "./v1/signal.js";
