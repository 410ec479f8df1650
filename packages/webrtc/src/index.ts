export type { DataChannel, DataChannelMessage } from "./channel/data-channel.js";
export type { DataChannelChunk } from "./channel/data-channel-streams.js";
export type {
  Engine,
  EngineChannel,
  EngineChannelEvents,
  EngineChannelInit,
  EngineConnection,
  EngineEvents,
  EngineOptions,
  EngineProgress,
  EngineState,
  IceServerError,
  IceServerSource,
} from "./engine/port.js";
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
export { isNewSession } from "./negotiation/session.js";
export {
  defaultDataChannelLimits,
  type DataChannelInit,
  type DataChannelLimits,
  type PeerConnectionEvents,
  type PeerConnectionOptions,
  type PeerConnectionState,
} from "./options.js";
export { PeerConnection } from "./peer-connection.js";
export type {
  CandidateStats,
  DataChannelStats,
  PeerConnectionStats,
  TransportStats,
} from "./stats.js";
