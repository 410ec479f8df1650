export type { Authenticate, AuthenticateRequest, SignalingServerOptions } from "./options.js";
export { createSignalingServer, type AttachOptions, type SignalingServer } from "./server.js";
export type { ServerStats } from "./stats.js";
export type { StreamLimits } from "@conic/transport";
