import { callFlags, serverFlags, type FlagValues } from "@conic/internal-cli";

const roleFlags = {
  role: {
    type: "string",
    choices: ["offer", "answer"],
    help: "offer: call a peer and send; answer: wait for a call and receive",
  },
} as const;

const mediaFlags = {
  peer: {
    type: "string",
    placeholder: "ID",
    help: "Whom to call; without it the program asks",
  },
  send: { type: "boolean", help: "With --role=answer: send too" },
  record: {
    type: "string",
    placeholder: "FILE",
    help: "Write what comes to a file: .wav .ogg (audio), .ivf (video), .webm (both)",
  },
  verify: {
    type: "boolean",
    help: "Decode the video that comes and read the counter of the pattern: which frames are missing",
  },
  duration: {
    type: "number",
    min: 0.1,
    max: 86_400,
    integer: false,
    placeholder: "SECONDS",
    help: "Send that much, then hang up; without sending, hang up after that time",
  },
  wav: { type: "string", placeholder: "FILE", help: "Send a WAV file, any format and rate" },
  ogg: { type: "string", placeholder: "FILE", help: "Send an Ogg/Opus file as it is" },
  freq: {
    type: "number",
    min: 1,
    max: 20_000,
    integer: false,
    placeholder: "HZ",
    help: "Send a tone, which is also what is sent when nothing else is given (440)",
  },
  ivf: { type: "string", placeholder: "FILE", help: "Send a VP8 file (IVF) as it is" },
  y4m: { type: "string", placeholder: "FILE", help: "Send a YUV4MPEG2 file" },
  yuv: {
    type: "string",
    placeholder: "FILE",
    help: "Send raw I420 frames, of --size and --fps",
  },
  pattern: {
    type: "string",
    choices: ["counter", "checker"],
    help: "Send a test pattern: moving with a frame counter, which is the default, or black and white",
  },
  size: { type: "string", placeholder: "WxH", help: "Of --yuv and --pattern (default 640x480)" },
  fps: {
    type: "number",
    min: 1,
    max: 120,
    integer: false,
    help: "Frames a second of --yuv and --pattern (default 30)",
  },
  bitrate: {
    type: "number",
    min: 6000,
    max: 50_000_000,
    placeholder: "BITS",
    help: "Bits a second of what is encoded here: audio to 510000, video from 10000, and less on a thin path; with av, of the video",
  },
  loop: { type: "boolean", help: "Start a file again when it ends" },
} as const;

type Table = typeof roleFlags & typeof serverFlags & typeof mediaFlags & typeof callFlags;

export const flags: Table = { ...roleFlags, ...serverFlags, ...mediaFlags, ...callFlags };

export type StartFlags = FlagValues<Table>;
