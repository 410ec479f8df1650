export { openChaosProxy, type ChaosOptions, type ChaosProxy, type Fault } from "./chaos-proxy.js";
export { abortListenerCount, turns, watchLeaks } from "#platform";
export {
  describeBackplaneContract,
  type BackplaneCapabilities,
  type BackplaneGroup,
} from "./backplane/contract.js";
export { MemoryBackplanes, type MemoryBackplanesOptions } from "./backplane/memory.js";
export { collect, collectAll } from "./collect.js";
export { describeMessageStreamContract } from "./contract/message-stream.js";
export type { MessageFactory, MessageStreamCapabilities, StreamPair } from "./contract/types.js";
export { FakeClock } from "./fake-clock.js";
export { frameMessages } from "./frames.js";
export { quickest, whileItLasts, type Lifetime } from "./haste.js";
export { failOnLeaks } from "./fail-on-leaks.js";
export { steadyPort } from "./steady-port.js";
export { seededRandom, type RandomSource } from "./random.js";
export { openTcpProxy, type TcpProxy } from "./tcp-proxy.js";
