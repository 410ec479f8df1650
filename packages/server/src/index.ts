export type { Grant, Permission } from "./access/grant.js";
export type { JsonWebKey } from "./access/keys.js";
export {
  createTokenAuthenticator,
  mintToken,
  type MintTokenOptions,
  type TokenAuthenticator,
  type TokenKeys,
  type TokenOptions,
} from "./access/tokens.js";
export type { TurnOptions } from "./access/turn.js";
export type { DialectName } from "./dialect/types.js";
export { requestAddress } from "./inspect/address.js";
export type { PeerInfo, RoomInfo } from "./inspect/info.js";
export {
  defaultLimits,
  defaultUnlimitedAddresses,
  type LimitNumbers,
  type LimitOptions,
} from "./limits/options.js";
export type {
  DropReason,
  ObservedLimit,
  ObservedMessageType,
  ObservedOutcome,
  ServerObserver,
} from "./observe/observer.js";
export type { Authenticate, AuthenticateRequest, SignalingServerOptions } from "./options.js";
export type { RoomOptions } from "./rooms/limits.js";
export {
  createSignalingServer,
  type AttachOptions,
  type ShutdownOptions,
  type SignalingServer,
} from "./server.js";
export type { ServerStats } from "./stats.js";
export { openMesh, type MeshOptions } from "@conic/hub";
export type { StreamLimits, UpgradeInfo } from "@conic/transport";
