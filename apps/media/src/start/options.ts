import { resolve } from "node:path";
import type { IceServer } from "@conic/domain";
import {
  parseIceServers,
  serverUrl,
  usageError,
  type CommandIo,
  type LogLevel,
  type Token,
} from "@conic/internal-cli";
import { recordingProblem, type MediaKind } from "../sinks/recorder.js";
import type { AudioSourceOptions, VideoSourceOptions } from "../sources/source.js";
import type { StartFlags } from "./flags.js";

export const callKinds = ["audio", "video", "av"] as const;
export type CallKind = (typeof callKinds)[number];

/** What to send of one kind. */
export interface Bounded<T> {
  readonly source: T;
  /** Whether it never ends by itself. */
  readonly isEndless: boolean;
}

export interface StartOptions {
  readonly kind: CallKind;
  readonly kinds: readonly MediaKind[];
  readonly role: "offer" | "answer";
  readonly url: string;
  /** As the user gave it. */
  readonly addr: string;
  readonly id: string | undefined;
  /** What the server may ask for; it comes out of a file, not out of the arguments. */
  readonly token?: Token | undefined;
  readonly peer: string | undefined;
  readonly iceServers: readonly IceServer[];
  readonly timeoutMs: number;
  /** Undefined: nothing is sent. */
  readonly audio: Bounded<AudioSourceOptions> | undefined;
  readonly video: Bounded<VideoSourceOptions> | undefined;
  /** Absolute. */
  readonly record: string | undefined;
  readonly verify: boolean;
  readonly duration: number | undefined;
  readonly json: boolean;
  readonly logLevel: LogLevel;
}

const audioFlags = ["wav", "ogg", "freq"] as const;
const videoFlags = ["ivf", "y4m", "yuv", "pattern", "size", "fps"] as const;
const sourceFlags = [...audioFlags, ...videoFlags, "bitrate", "loop"] as const;

/** What flags alone cannot say. @throws ExitError with code 2 and what is wrong, in one line. */
export function toOptions(
  values: StartFlags,
  kind: string | undefined,
  io: Pick<CommandIo, "cwd" | "env">,
): StartOptions {
  if (!isCallKind(kind)) {
    const problem = kind === undefined ? "say what to start" : `there is no "${kind}" to start`;
    throw usageError(`${problem}: audio, video or av`);
  }
  const kinds: readonly MediaKind[] = kind === "av" ? ["audio", "video"] : [kind];
  const role = values.role ?? (values.peer === undefined ? "answer" : "offer");
  const sends = role === "offer" || values.send;
  check(values, kinds, role, sends);
  // pnpm runs scripts in the folder of the package and leaves in INIT_CWD where the user is.
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(io.env["INIT_CWD"] ?? io.cwd, path);
  const record = absolute(values.record);
  const problem = record === undefined ? undefined : recordingProblem(record, kinds);
  if (problem !== undefined) throw usageError(problem);
  return {
    kind,
    kinds,
    role,
    url: serverUrl(values.addr),
    addr: values.addr,
    id: values.id,
    peer: values.peer,
    iceServers: parseIceServers(values["ice-server"] ?? ""),
    timeoutMs: values.timeout * 1000,
    audio: sends && kinds.includes("audio") ? audioOf(values, kind, absolute) : undefined,
    video: sends && kinds.includes("video") ? videoOf(values, absolute) : undefined,
    record,
    verify: values.verify,
    duration: values.duration,
    json: values.json,
    logLevel: values["log-level"],
  };
}

function isCallKind(kind: string | undefined): kind is CallKind {
  return callKinds.some((one) => one === kind);
}

function check(
  values: StartFlags,
  kinds: readonly MediaKind[],
  role: "offer" | "answer",
  sends: boolean,
): void {
  const isGiven = (name: keyof StartFlags): boolean =>
    values[name] !== undefined && values[name] !== false;
  if (role === "answer" && isGiven("peer")) {
    throw usageError("--peer is whom --role=offer calls; --role=answer waits for a call");
  }
  const unsent = sends ? undefined : sourceFlags.find(isGiven);
  if (unsent !== undefined) {
    throw usageError(`--${unsent} is of what is sent: --role=answer sends with --send`);
  }
  const wrong = [
    ...(kinds.includes("audio") ? [] : audioFlags),
    ...(kinds.includes("video") ? [] : videoFlags),
    ...(kinds.includes("video") ? [] : (["verify"] as const)),
  ].find(isGiven);
  if (wrong !== undefined) {
    const other = kinds.includes("audio") ? "video" : "audio";
    throw usageError(`--${wrong} is of ${other}: start ${other} or av, not ${kinds.join("")}`);
  }
  const { bitrate } = values;
  if (bitrate === undefined) return;
  if (kinds.includes("video") ? bitrate < 10_000 : bitrate > 510_000) {
    const range = kinds.includes("video")
      ? "10000 to 50000000 for video"
      : "6000 to 510000 for audio";
    throw usageError(`--bitrate is ${range}, not "${bitrate}"`);
  }
}

type ToPath = (path: string | undefined) => string | undefined;

function audioOf(values: StartFlags, kind: CallKind, path: ToPath): Bounded<AudioSourceOptions> {
  const { wav, ogg, freq, loop, duration, bitrate } = values;
  return {
    source: {
      wav: path(wav),
      ogg: path(ogg),
      frequency: freq,
      loop,
      seconds: duration,
      bitrate: kind === "av" ? undefined : bitrate,
    },
    isEndless: duration === undefined && (loop || (wav ?? ogg) === undefined),
  };
}

function videoOf(values: StartFlags, path: ToPath): Bounded<VideoSourceOptions> {
  const { ivf, y4m, yuv, size, fps, pattern, loop, duration, bitrate } = values;
  return {
    source: {
      ivf: path(ivf),
      y4m: path(y4m),
      yuv: path(yuv),
      size,
      framerate: fps,
      pattern: pattern === "counter" ? "counted" : pattern,
      loop,
      seconds: duration,
      bitrate,
    },
    isEndless: duration === undefined && (loop || (ivf ?? y4m ?? yuv) === undefined),
  };
}
