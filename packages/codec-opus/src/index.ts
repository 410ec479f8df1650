export { createOpusCodec, type LibopusCodec } from "./codec.js";
export { maxConcealSamples, maxPacketBytes } from "./decoder.js";
