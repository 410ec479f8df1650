export type { DataChannel, DataChannelMessage } from "../channel/data-channel.js";
export type { DataChannelChunk } from "../channel/data-channel-streams.js";
export type { IceServerError, IceServerSource } from "../engine/port.js";
export type { PeerConnectionBase } from "../connection/base.js";
export { isNewSession } from "../negotiation/session.js";
export {
  defaultDataChannelLimits,
  type BasePeerConnectionOptions as PeerConnectionOptions,
  type DataChannelInit,
  type DataChannelLimits,
  type PeerConnectionEvents,
  type PeerConnectionState,
} from "../options.js";
export type { AnySender, MediaTypes } from "../platform.js";
export type {
  CandidateStats,
  DataChannelStats,
  PeerConnectionStats,
  TransportStats,
} from "../stats.js";
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
export { PeerConnection } from "./peer-connection.js";
