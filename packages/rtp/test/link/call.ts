import type { EncodedChunk, ReceivedChunk } from "@conic/domain";
import { RtpSession } from "../../src/session/session.js";
import type { RtpReceiver, RtpReceiverConfig } from "../../src/receive/config.js";
import type { RtpSender, RtpSenderConfig } from "../../src/send/config.js";
import { Link, type LinkOptions, type Side } from "./link.js";
import { Random } from "./random.js";

/** 2026-01-01. */
export const wallClockStartMs: number = 1_767_225_600_000;

/** Two sessions on a link. */
export class Call {
  readonly link: Link;
  readonly sessions: Readonly<Record<Side, RtpSession>>;

  constructor(options: LinkOptions & { readonly reducedSizeRtcp?: boolean }) {
    const link = new Link(options);
    const session = (side: Side, seed: number): RtpSession => {
      const made = new RtpSession({
        cname: `${side}@test`,
        output: (packet) => {
          link.send(side, packet);
        },
        wallClock: () => wallClockStartMs + link.now,
        randomUint32: new Random(seed).uint32,
        reducedSizeRtcp: options.reducedSizeRtcp,
      });
      link.attach(side, made);
      return made;
    };
    this.link = link;
    this.sessions = { a: session("a", options.seed + 1), b: session("b", options.seed + 2) };
  }
}

export const audioSender: RtpSenderConfig = {
  kind: "audio",
  ssrc: 0xa0d10,
  payloadType: 111,
  clockRate: 48_000,
  nack: false,
};
export const videoSender: RtpSenderConfig = {
  kind: "video",
  ssrc: 0x51de0,
  payloadType: 96,
  clockRate: 90_000,
  nack: true,
};

export interface Received {
  readonly receiver: RtpReceiver;
  readonly chunks: ReceivedChunk[];
  readonly events: string[];
}

/** A receiver for what the sender of this configuration sends, with what it gave. */
export function receiverOf(
  session: RtpSession,
  { kind, clockRate, payloadType, ssrc, nack }: RtpSenderConfig,
  change: Partial<RtpReceiverConfig> = {},
): Received {
  const chunks: ReceivedChunk[] = [];
  const events: string[] = [];
  const receiver = session.addReceiver({
    kind,
    clockRate,
    payloadTypes: [payloadType],
    ssrcs: [ssrc],
    nack,
    pli: kind === "video",
    onChunk: (chunk) => chunks.push(chunk),
    onStart: () => events.push("start"),
    onEnd: () => events.push("end"),
    ...change,
  });
  return { receiver, chunks, events };
}

/** Bytes that a VP8 depacketizer takes for a frame: the first bit tells key from delta (RFC 6386 section 9.1). */
export function videoChunk(
  random: Random,
  index: number,
  type: "key" | "delta",
  bytes: number,
  fps = 30,
): EncodedChunk {
  const data = random.bytes(Math.max(bytes, 10));
  data[0] = ((data[0] ?? 0) & 0xfe) | (type === "key" ? 0 : 1);
  return { type, timestamp: Math.round((index * 1_000_000) / fps), duration: 0, data };
}

/** One Opus packet of 20 ms (RFC 6716: configuration 31, code 0, a frame of the fullband CELT). */
export function audioChunk(random: Random, index: number): EncodedChunk {
  const data = random.bytes(20 + random.below(140));
  data[0] = 0xf8;
  return { type: "key", timestamp: index * 20_000, duration: 20_000, data };
}

export interface SentVideo {
  readonly sender: RtpSender;
  readonly chunks: EncodedChunk[];
}

/** Sends frames at 30 a second: the first is a key frame, and each that the remote asks for. */
export function sendVideo(
  { link, sessions }: Call,
  frames: number,
  change: Partial<RtpSenderConfig> & { readonly maxFrameBytes?: number } = {},
): SentVideo {
  let isKeyWanted = true;
  const chunks: EncodedChunk[] = [];
  const random = new Random(link.random.uint32());
  const sender = sessions.a.addSender({
    ...videoSender,
    onKeyFrameRequest: () => {
      isKeyWanted = true;
    },
    ...change,
  });
  for (let index = 0; index < frames; index += 1) {
    link.at(link.now + (index * 1_000) / 30, (now) => {
      const type = isKeyWanted ? "key" : "delta";
      isKeyWanted = false;
      const bytes = random.below(change.maxFrameBytes ?? 8_000) * (type === "key" ? 3 : 1);
      const chunk = videoChunk(random, index, type, bytes);
      chunks.push(chunk);
      sender.send(chunk, now);
    });
  }
  return { sender, chunks };
}

export interface SentAudio {
  readonly sender: RtpSender;
  readonly chunks: EncodedChunk[];
}

/** Sends a packet each 20 ms. */
export function sendAudio(
  { link, sessions }: Call,
  packets: number,
  change: Partial<RtpSenderConfig> = {},
): SentAudio {
  const chunks: EncodedChunk[] = [];
  const random = new Random(link.random.uint32());
  const sender = sessions.a.addSender({ ...audioSender, ...change });
  for (let index = 0; index < packets; index += 1) {
    link.at(link.now + index * 20, (now) => {
      const chunk = audioChunk(random, index);
      chunks.push(chunk);
      sender.send(chunk, now);
    });
  }
  return { sender, chunks };
}
