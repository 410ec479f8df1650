// The shapes that the processes of the data channel benchmark share.
import type { Signal } from "@conic/domain";

/** How much a sender may queue in the contender's own buffer. */
export interface Flow {
  /** `send` says no above this. */
  readonly highBytes: number;
  /** `ready()` resolves at or below this. */
  readonly lowBytes: number;
  /** For contenders that refuse to hold more than some limit. */
  readonly maxBytes: number;
}

export interface BenchChannel {
  /** Queues a message whose bytes the caller may change afterwards; false when it should await `ready()`. */
  send(data: Uint8Array): boolean;
  ready(): Promise<void>;
  /** Calls the handler with every message from now on; once. */
  receive(handler: (data: Uint8Array) => void): void;
}

export interface BenchPeer {
  /** Creates a channel, offers, and resolves when the channel is open at this end. */
  call(): Promise<BenchChannel>;
  /** Resolves with the remote's channel once that is open at this end. */
  answer(): Promise<BenchChannel>;
  /** A signal of the remote, in the order in which they were sent. */
  signal(signal: Signal): void;
  close(): Promise<void>;
}

export interface PeerOptions {
  readonly role: Role;
  readonly flow: Flow;
  /** Sends a signal to the remote. */
  readonly send: (signal: Signal) => void;
}

export type Role = "sender" | "receiver";

export type CreatePeer = (options: PeerOptions) => BenchPeer;

/** What one process has seen so far; times are of the monotonic clock that all processes of a machine share. */
export interface Sample {
  readonly atMs: number;
  readonly messages: number;
  readonly bytes: number;
  /** Messages of a wrong length or out of sequence. */
  readonly wrong: number;
  readonly cpuMs: number;
}

/** An emulated path between the peers. */
export interface PathOptions {
  readonly rttMs: number;
  /** Share of the datagrams that are lost, in each direction. */
  readonly loss: number;
}

export interface PathStats {
  readonly forwarded: number;
  readonly lost: number;
  readonly tooLarge: number;
  readonly queueFull: number;
  /** Time in the relay beyond the path's delay, mean. */
  readonly lateMs: number;
  readonly cpuMs: number;
}

/** One measurement of one contender. */
export interface Outcome {
  /** The figure itself; absent when the measurement failed. */
  readonly value?: number;
  /** What else was seen, by column. */
  readonly details?: Readonly<Record<string, number>>;
  /** What went wrong, such as `hang: no answer within 10 s`; never hidden. */
  readonly problem?: string;
  /** Single times in ms, for figures that pool them over the rounds. */
  readonly times?: readonly number[];
  readonly tries?: number;
}

export interface Figure {
  /** Its name on the command line. */
  readonly key: string;
  readonly title: string;
  /** The unit of the value. */
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** The contender that the others are compared with. Default: node-datachannel. */
  readonly reference?: string;
  /** Differences between twins are shares of this much at least: some figures may be next to nothing. */
  readonly floor?: number;
  /** At most this many rounds, for figures that take long. */
  readonly maxRounds?: number;
  readonly measure: (contender: string, round: number, rounds: number) => Promise<Outcome>;
  /** One outcome of those of all rounds, where a median of the rounds would not do. */
  readonly pool?: (outcomes: readonly Outcome[]) => Outcome;
  readonly notes?: readonly string[];
}

/** A contender's outcomes of a figure, summed up. */
export interface Row {
  readonly contender: string;
  readonly outcomes: readonly Outcome[];
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Median of the ratios to the reference of the same round. */
  readonly ratio: number;
  readonly details: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

export interface FigureResult {
  readonly figure: Figure;
  readonly rows: readonly Row[];
  /** How much the twins differ, as a share; undefined without a twin. */
  readonly spread: number | undefined;
  readonly isVoid: boolean;
}

/** The part of the W3C interface that the benchmark uses of a contender without usable types of its own. */
export interface W3cConnection {
  addEventListener(type: "icecandidate", listener: (event: W3cCandidateEvent) => void): void;
  addEventListener(type: "datachannel", listener: (event: { channel: W3cChannel }) => void): void;
  createDataChannel(label: string): W3cChannel;
  createOffer(): Promise<{ type: "offer"; sdp: string }>;
  createAnswer(): Promise<{ type: "answer"; sdp: string }>;
  setLocalDescription(description: object): Promise<void>;
  setRemoteDescription(description: object): Promise<void>;
  addIceCandidate(candidate: object): Promise<void>;
  close(): void;
}

interface W3cCandidateEvent {
  readonly candidate: { readonly candidate: string; readonly sdpMid: string | null } | null;
}

export interface W3cChannel {
  readonly readyState: string;
  readonly bufferedAmount: number;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: ArrayBuffer }) => void): void;
  send(data: Uint8Array): void;
}

/** A file to run as a child process, beside rpc.mjs. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** For Node itself. */
  readonly execArgv?: readonly string[];
}
