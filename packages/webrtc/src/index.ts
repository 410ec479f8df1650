export type { DataChannel, DataChannelMessage } from "./channel/data-channel.js";
export type { DataChannelChunk } from "./channel/data-channel-streams.js";
export type {
  EngineChannel,
  EngineChannelEvents,
  EngineChannelInit,
  EngineEvents,
  EngineOptions,
  EngineProgress,
  EngineState,
  IceServerError,
  IceServerSource,
  TransportConnection,
} from "./engine/port.js";
export type { Engine, EngineConnection } from "./engine/stack.js";
export { createWeriftEngine } from "./engine/werift/engine.js";
export {
  AudioTrack,
  VideoTrack,
  type LocalTrack,
  type LocalTrackEvents,
  type TrackInit,
} from "./media/local-track.js";
export {
  RemoteAudioTrack,
  RemoteVideoTrack,
  type RemoteTrack,
  type RemoteTrackEvents,
  type RemoteTrackStats,
} from "./media/remote-track.js";
export type { TrackSender } from "./media/track-sender.js";
export type { PeerConnectionBase } from "./connection/base.js";
export { isNewSession } from "./negotiation/session.js";
export {
  defaultDataChannelLimits,
  type DataChannelInit,
  type DataChannelLimits,
  type PeerConnectionEvents,
  type PeerConnectionState,
} from "./options.js";
export { PeerConnection, type PeerConnectionOptions } from "./peer-connection.js";
export type { AnySender, MediaTypes } from "./platform.js";
export type {
  CandidateStats,
  DataChannelStats,
  PeerConnectionStats,
  TransportStats,
} from "./stats.js";
