export type { Backplane, BackplaneHandler, NodeId } from "./backplane.js";
export type { Brand } from "./brand.js";
export {
  callFailureReason,
  callFailureReasons,
  isCallFailureReason,
  type CallFailureReason,
  type CallOutcome,
  type CallPath,
} from "./calls.js";
export { systemClock, type Clock } from "./clock.js";
export { closeCodes, mayReconnect, type CloseInfo, type CloseOptions } from "./close.js";
export type { Client, Connection } from "./connection.js";
export {
  errorCodeInfo,
  errorCodes,
  isErrorCode,
  type ErrorCode,
  type ErrorCodeInfo,
} from "./error-codes.js";
export { ConicError, isConicError, type ConicErrorOptions, type ErrorDetails } from "./errors.js";
export { Frame } from "./frame.js";
export type { Delivery, Hub, HubStats, Registration } from "./hub.js";
export {
  generateClientId,
  isClientId,
  maxClientIdChars,
  parseClientId,
  type ClientId,
} from "./ids.js";
export { silentLogger, type LogFields, type LogLevel, type Logger } from "./logger.js";
export {
  opusSampleRate,
  type AudioDecoder,
  type AudioEncoder,
  type OpusCodec,
  type OpusDecoderConfig,
  type OpusEncoderConfig,
} from "./media/audio.js";
export type { EncodedChunk, ReceivedChunk } from "./media/chunk.js";
export type {
  VideoCodec,
  VideoDecoder,
  VideoEncodeOptions,
  VideoEncoder,
  VideoEncoderConfig,
  VideoFrame,
} from "./media/video.js";
export type {
  IceCandidate,
  IceServer,
  SdpType,
  SessionDescription,
  Signal,
  SignalingChannel,
  SignalingEvent,
} from "./signaling.js";
export { consume, type MessageStream, type Receiver, type StreamState } from "./stream.js";
export { abortError, raceAbort, throwIfAborted, type AbortOptions } from "./util/abort.js";
export { AsyncQueue, type AsyncQueueOptions } from "./util/async-queue.js";
export { deferred, type Deferred } from "./util/deferred.js";
export { Emitter, type EventSource, type Listener } from "./util/emitter.js";
