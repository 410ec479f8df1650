// The shapes that the processes of the media benchmark share.
import type { EncodedChunk, Signal } from "@conic/domain";

export type Kind = "audio" | "video";
export type Role = "sender" | "receiver";

export interface RtpPeerOptions {
  readonly role: Role;
  readonly kind: Kind;
  /** Of the size of frames that is sent. */
  readonly packetsPerFrame: number;
  readonly send: (signal: Signal) => void;
}

/** One end of a connection with one track, from the sender to the receiver. */
export interface RtpPeer {
  /** Of the sender: offers; resolves when packets can go out. */
  open(): Promise<void>;
  signal(signal: Signal): void;
  /** Sends one frame; its number counts from 0. */
  write(data: Uint8Array, frame: number): void;
  /** Packets that the application was given, or those of the frames that it was given. */
  received(): number;
}

export type CreateRtpPeer = (options: RtpPeerOptions) => RtpPeer;

/** What a process has done so far; times are of the monotonic clock that all processes of a machine share. */
export interface RtpSample {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly sent: number;
  readonly received: number;
}

/** A run of many streams between two processes, of which one is measured. */
export interface StreamsSetting {
  readonly kind: Kind;
  readonly count: number;
  /** The end with the codec, which is measured; the other one sends what is encoded already, or only counts. */
  readonly measured: Role;
}

/** What `stream-peer` is started with. */
export interface StreamsPlan extends StreamsSetting {
  readonly role: Role;
}

export interface StreamsSample {
  readonly atMs: number;
  readonly cpuMs: number;
  /** Frames or packets that were due, written, or received and, where it decodes, decoded. */
  readonly planned: number;
  readonly written: number;
  readonly received: number;
  /** Frames that were decoded to something else than was sent. */
  readonly wrong: number;
  /** Event-loop delay since the last sample, less what the process has when it idles, in ms. */
  readonly loopP50Ms: number;
  readonly loopP99Ms: number;
}

export interface StreamsOutcome {
  readonly missing: number;
  readonly planned: number;
  readonly wrong: number;
  /** Of one core, of the measured process. */
  readonly cpuPercent: number;
  readonly loopP50Ms: number;
  readonly loopP99Ms: number;
}

/** One stream of a sender: gives the chunk of a frame, or undefined when it was left out. */
export interface StreamSource {
  chunk(frame: number): EncodedChunk | undefined | Promise<EncodedChunk | undefined>;
  keyFrame(): void;
}

/** One stream of a receiver. */
export interface StreamSink {
  take(chunk: import("@conic/domain").ReceivedChunk): void | Promise<void>;
  /** Frames or packets that came, and were decoded where it decodes. */
  readonly received: number;
  readonly wrong: number;
}

/** A line of the table at the end. */
export interface Goal {
  readonly figure: string;
  readonly conic: string;
  readonly werift?: string;
  readonly aim: string;
  readonly isMet: boolean | "void" | "not measured";
}

export interface Section {
  readonly title: string;
  readonly rows: Record<string, string | number>[];
  readonly notes?: readonly string[];
}

export interface MediaFigure {
  /** Its name on the command line. */
  readonly key: string;
  readonly run: (options: {
    readonly rounds: number;
    readonly report: (section: Section) => void;
  }) => Promise<readonly Goal[]>;
}
