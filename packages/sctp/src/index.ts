export { Association } from "./association/association.js";
export { DataChannels } from "./channels/data-channels.js";
export type {
  ChannelAssociation,
  ChannelEvents,
  ChannelInit,
  ChannelRole,
  ChannelSettings,
  ChannelState,
  DataChannelsEvents,
  DataChannelsOptions,
  SctpChannel,
} from "./channels/types.js";
export { reno } from "./congestion/reno.js";
export { westwood } from "./congestion/westwood.js";
export type {
  AssociationEvents,
  AssociationOptions,
  AssociationState,
  AssociationStats,
  CongestionController,
  CongestionControllerFactory,
  CongestionSample,
  PathFacts,
  SendOptions,
} from "./options.js";
