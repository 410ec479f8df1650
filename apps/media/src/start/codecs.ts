import { createOpusCodec } from "@conic/codec-opus";
import { createVp8Codec } from "@conic/codec-vp8";
import type { OpusCodec, VideoCodec } from "@conic/domain";

export interface Codecs {
  readonly opus: OpusCodec;
  readonly vp8: VideoCodec;
}

export function createCodecs(): Codecs {
  return { opus: createOpusCodec(), vp8: createVp8Codec() };
}
