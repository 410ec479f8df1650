export { createVp8Codec, type Vp8CodecOptions } from "./codec.js";
