// The library from its source, as the packages' own tests have it.
export { connect, type ConicClient } from "../../packages/client/src/index.js";
export type { DataChannel, PeerConnection } from "../../packages/webrtc/src/index.js";
