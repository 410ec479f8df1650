import type { MediaKind } from "../../sinks/recorder.js";

/** What a side is about to send. */
export interface Announced {
  readonly kind: MediaKind;
  /** One line for people. */
  readonly description: string;
}

/** What arrived of one kind since the beginning. */
export interface Arrived {
  readonly packets: number;
  readonly bytes: number;
  readonly lost: number;
  /** Whole video frames, or audio packets. */
  readonly frames: number;
}

/** Chunks of each kind. */
export type Counts = Readonly<Partial<Record<MediaKind, number>>>;

/**
 * What the two sides of a call tell each other on the data channel `control`, one JSON object a line:
 * - `hello`: first, from both;
 * - `ready`: a track of the other side has arrived, it may begin to send;
 * - `mute`, `unmute`: this side's own media;
 * - `stats`: once in a second, what arrives;
 * - `bye`: hanging up, with how much was sent, so that the other side waits for the last of it; answered with a `bye`.
 */
export type ControlMessage =
  | { readonly type: "hello"; readonly kind: string; readonly sends: readonly Announced[] }
  | { readonly type: "ready"; readonly kind: MediaKind }
  | { readonly type: "mute" | "unmute"; readonly kind: MediaKind }
  | { readonly type: "stats"; readonly audio?: Arrived; readonly video?: Arrived }
  | { readonly type: "bye"; readonly reason: string; readonly sent: Counts };

/** In UTF-16 code units; a longer line is ignored. */
export const maxControlLineLength = 16_384;
const maxTextLength = 200;

export function encodeControl(message: ControlMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** The messages of one frame; lines that are none, or that a later version knows, are left out. */
export function decodeControl(text: string): ControlMessage[] {
  return text.split("\n").flatMap((line) => decodeLine(line) ?? []);
}

function decodeLine(line: string): ControlMessage | undefined {
  if (line.trim() === "" || line.length > maxControlLineLength) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isObject(value) ? decodeObject(value) : undefined;
}

type Json = Readonly<Record<string, unknown>>;

function decodeObject(value: Json): ControlMessage | undefined {
  const { type, kind } = value;
  switch (type) {
    case "hello":
      return { type, kind: textOf(kind), sends: announcedOf(value["sends"]) };
    case "ready":
    case "mute":
    case "unmute":
      return isKind(kind) ? { type, kind } : undefined;
    case "stats": {
      const [audio, video] = [arrivedOf(value["audio"]), arrivedOf(value["video"])];
      return { type, ...(audio && { audio }), ...(video && { video }) };
    }
    case "bye":
      return { type, reason: textOf(value["reason"]), sent: countsOf(value["sent"]) };
    default:
      return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKind(value: unknown): value is MediaKind {
  return value === "audio" || value === "video";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, maxTextLength) : "";
}

function announcedOf(value: unknown): Announced[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 8).flatMap((one: unknown) => {
    if (!isObject(one) || !isKind(one["kind"])) return [];
    return [{ kind: one["kind"], description: textOf(one["description"]) }];
  });
}

function arrivedOf(value: unknown): Arrived | undefined {
  if (!isObject(value)) return undefined;
  const { packets, bytes, lost, frames } = value;
  if (!isCount(packets) || !isCount(bytes) || !isCount(lost) || !isCount(frames)) return undefined;
  return { packets, bytes, lost, frames };
}

function countsOf(value: unknown): Counts {
  if (!isObject(value)) return {};
  const { audio, video } = value;
  return { ...(isCount(audio) && { audio }), ...(isCount(video) && { video }) };
}
