// The shapes that the processes of the signaling benchmark share.

export type Kind = "sdp" | "candidate";

/** What clients of one server say to it, as text frames. */
export interface Wire {
  /** Whether a client gets back what it sends, instead of another client. */
  readonly echoes: boolean;
  /** Target and further header lines of the upgrade request. */
  upgrade(id: string): { readonly target: string; readonly headers: readonly string[] };
  /** Said first, where the client speaks first. */
  hello(id: string): string | undefined;
  /** What a text means before the client is registered: an answer, or, with the id that it has now, that it is. */
  setUp(text: string, id: string): { readonly send?: string; readonly id?: string };
  /** The answer to what the server says by itself later; undefined when it is nothing known. */
  answer(text: string): string | undefined;
  message(kind: Kind, from: string, to: string, body: string): string;
  /** What a receiver reads of a message; throws when it is none. */
  read(text: string): { readonly from: string; readonly kind: Kind; readonly body: string };
  /** What a server that cannot deliver says of it: the id of the target; undefined for everything else. */
  readonly undeliverable?: (text: string) => string | undefined;
  /** What the client says after each 32 messages, given how many there were; undefined: nothing. */
  readonly acknowledge?: (received: number) => string;
}

export type WireName = "echo" | "conic" | "conic-sessions" | "peerjs" | "socketio";

/** A server that is measured. */
export interface Contender {
  readonly name: string;
  readonly wire: WireName;
  /** Program, below `bench`, and its arguments. */
  readonly program: string;
  readonly args: readonly string[];
}

/** What became of the messages that were sent. */
export interface Account {
  readonly sent: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Frames that nobody asked for, and connections that ended; the first of them in words. */
  readonly unexpected: number;
  readonly first?: string;
}

/** What a process had done at a moment of the monotonic clock that all processes of a machine share. */
export interface Sample {
  readonly atMs: number;
  readonly cpuMs: number;
  /** Of the generator. */
  readonly delivered: number;
}

export interface Broadcasts {
  readonly count: number;
  /** From the order to the last arrival, all of them together. */
  readonly ms: number;
  readonly p50Ms: number;
  /** Clients that were told too often or not often enough. */
  readonly wrong: number;
}

/** What became of the calls in a storm. */
export interface StormAccount {
  readonly clients: number;
  /** Calls of which both ends had everything, and those of which one end vanished in the middle. */
  readonly completed: number;
  readonly broken: number;
  readonly messages: number;
  /** Errors that said that a message was not delivered. */
  readonly told: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly unexpected: number;
  readonly first?: string;
}

export interface Latencies {
  readonly p50Us: number;
  readonly p99Us: number;
  /** How late the generator sent, which counts as latency. */
  readonly lateP99Us: number;
  readonly count: number;
}

/** What one contender did in one round: figures by name. `broken` says why there are none. */
export interface Outcome {
  readonly broken?: string;
  readonly values: Readonly<Record<string, number>>;
}

export interface Section {
  readonly title: string;
  readonly rows: Record<string, string | number>[];
  readonly notes?: readonly string[];
}

/** A line of the table at the end. */
export interface Goal {
  readonly figure: string;
  readonly aim: string;
  readonly measured: string;
  readonly isMet: boolean | "void" | "not measured";
}

export interface FigureContext {
  readonly rounds: number;
  readonly report: (section: Section) => void;
  /** Contenders that were asked for, by name. */
  readonly isChosen: (name: string) => boolean;
  /** Messages a second at saturation, of all runs so far. */
  readonly saturations: Map<string, number[]>;
}

export interface SignalFigure {
  /** Its name on the command line. */
  readonly key: string;
  readonly run: (context: FigureContext) => Promise<readonly Goal[]>;
}
