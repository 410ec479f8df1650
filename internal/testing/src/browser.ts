// What of this package runs on a page.
export { abortListenerCount, turns, watchLeaks } from "#platform";
export { collect, collectAll } from "./collect.js";
export { describeMessageStreamContract } from "./contract/message-stream.js";
export type { MessageFactory, MessageStreamCapabilities, StreamPair } from "./contract/types.js";
export { failOnLeaks } from "./fail-on-leaks.js";
export { FakeClock } from "./fake-clock.js";
export { frameMessages } from "./frames.js";
export { seededRandom, type RandomSource } from "./random.js";
