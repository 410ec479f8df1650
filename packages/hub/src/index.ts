export { createHub, type HubOptions } from "./memory-hub.js";
