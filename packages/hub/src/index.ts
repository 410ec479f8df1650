export { Channels, type Channel } from "./cluster/channels.js";
export {
  createClusterHub,
  type ClusterHub,
  type ClusterHubOptions,
} from "./cluster/cluster-hub.js";
export { Homes } from "./cluster/homes.js";
export { Pending } from "./cluster/pending.js";
export { createHub, type HubOptions } from "./memory-hub.js";
export { openMesh, type MeshOptions } from "./mesh/mesh.js";
export { MessageReader } from "./wire/reader.js";
export { MessageWriter } from "./wire/writer.js";
