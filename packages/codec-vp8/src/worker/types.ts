// What the two threads say to each other, and the parts of the libraries that the worker uses.

export type Implementation = "libav" | "webp";

/** Where the worker finds the libraries, in place of the packages; for tests. */
export interface ModulePlaces {
  readonly libav?: string | undefined;
  readonly webp?: string | undefined;
  readonly ogv?: string | undefined;
}

export interface EncoderSpec {
  readonly width: number;
  readonly height: number;
  readonly framerate: number;
  readonly bitrate: number;
}

/** `workerData`: what the worker is to be. */
export interface WorkerSpec {
  readonly implementation: "auto" | Implementation;
  /** Undefined: a decoder. */
  readonly encoder: EncoderSpec | undefined;
  readonly modules: ModulePlaces;
}

/** One job; the next one is sent when it is answered. The buffers of `data` are transferred. */
export type WorkerRequest =
  | {
      readonly type: "encode";
      readonly data: Uint8Array<ArrayBuffer>;
      readonly keyFrame: boolean;
      readonly bitrate: number;
    }
  | { readonly type: "decode"; readonly data: Uint8Array<ArrayBuffer> };

export interface EncodedPicture {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly keyFrame: boolean;
}

export interface DecodedPicture {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export type WorkerReply =
  | { readonly type: "ready"; readonly implementation: Implementation }
  | {
      readonly type: "encoded";
      readonly picture: EncodedPicture | undefined;
      /** The memory of the request, to be used again. */
      readonly spare: Uint8Array<ArrayBuffer>;
    }
  | { readonly type: "decoded"; readonly picture: DecodedPicture | undefined }
  | {
      readonly type: "failed";
      readonly code: "unsupported" | "invalid_data" | "internal";
      readonly message: string;
    };

/** An implementation that encodes. Any error means that the next frame starts anew with a key frame. */
export interface PictureEncoder {
  encode(
    data: Uint8Array<ArrayBuffer>,
    keyFrame: boolean,
    bitrate: number,
  ): EncodedPicture | undefined;
  /** As if nothing had been encoded. */
  reset(): void;
}

/** An implementation that decodes. Any error means that it goes on with a key frame. */
export interface PictureDecoder {
  decode(data: Uint8Array<ArrayBuffer>): Promise<DecodedPicture | undefined>;
}

export interface LibavPacket {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly flags?: number;
}

/** The synchronous face of libav.js, which it has where it runs without a worker of its own. Handles are addresses. */
export interface Libav {
  /** The memory; another array after it grew. */
  readonly HEAPU8: Uint8Array;
  av_log_set_level_sync(level: number): void;
  ff_init_encoder_sync(
    name: string,
    options: {
      ctx: Readonly<Record<string, number>>;
      time_base: readonly [number, number];
      options: Readonly<Record<string, string>>;
    },
  ): [codec: number, context: number, frame: number, packet: number, frameSize: number];
  /** Frees the frames. */
  ff_encode_multi_sync(
    context: number,
    frame: number,
    packet: number,
    frames: readonly number[],
  ): LibavPacket[];
  ff_free_encoder_sync(context: number, frame: number, packet: number): void;
  ff_init_decoder_sync(
    name: string,
  ): [codec: number, context: number, packet: number, frame: number];
  ff_decode_multi_sync(
    context: number,
    packet: number,
    frame: number,
    packets: readonly LibavPacket[],
    options: { copyoutFrame: "ptr" },
  ): number[];
  ff_free_decoder_sync(context: number, packet: number, frame: number): void;
  av_frame_alloc_sync(): number;
  av_frame_get_buffer_sync(frame: number, align: number): number;
  av_frame_free_js_sync(frame: number): void;
  AVFrame_format_s_sync(frame: number, format: number): void;
  AVFrame_width_sync(frame: number): number;
  AVFrame_width_s_sync(frame: number, width: number): void;
  AVFrame_height_sync(frame: number): number;
  AVFrame_height_s_sync(frame: number, height: number): void;
  AVFrame_pict_type_s_sync(frame: number, type: number): void;
  AVFrame_pts_s_sync(frame: number, low: number): void;
  AVFrame_ptshi_s_sync(frame: number, high: number): void;
  AVFrame_data_a_sync(frame: number, plane: number): number;
  AVFrame_linesize_a_sync(frame: number, plane: number): number;
}

/** The encoder of @jsquash/webp. */
export interface Webp {
  encode(
    rgba: Uint8Array | Uint8ClampedArray,
    width: number,
    height: number,
    options: Readonly<Record<string, number>>,
  ): Uint8Array | null;
}

export interface OgvPlane {
  readonly bytes: Uint8Array;
  readonly stride: number;
}

/** The VP8 decoder of ogv. */
export interface Ogv {
  frameBuffer: {
    readonly format: {
      readonly cropLeft: number;
      readonly cropTop: number;
      readonly cropWidth: number;
      readonly cropHeight: number;
    };
    readonly y: OgvPlane;
    readonly u: OgvPlane;
    readonly v: OgvPlane;
  } | null;
  init(done: () => void): void;
  processFrame(data: ArrayBuffer, done: () => void): void;
  recycleFrame(frame: unknown): void;
}
