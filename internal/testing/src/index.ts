export { abortListenerCount } from "./abort.js";
export { collect, collectAll } from "./collect.js";
export { describeMessageStreamContract } from "./contract/message-stream.js";
export type { MessageFactory, MessageStreamCapabilities, StreamPair } from "./contract/types.js";
export { FakeClock } from "./fake-clock.js";
export { frameMessages } from "./frames.js";
export { failOnLeaks } from "./fail-on-leaks.js";
export { watchLeaks } from "./leaks.js";
export { seededRandom, type RandomSource } from "./random.js";
