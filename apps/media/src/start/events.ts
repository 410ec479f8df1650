import type { CallFailureReason, ErrorCode } from "@conic/domain";
import type { MediaKind, RecordingSummary } from "../sinks/recorder.js";
import type { Flow } from "./stats/flow.js";

/** direct: from host to host; nat: through address translation; relay: through a TURN server. */
export type Path = "direct" | "nat" | "relay";

export interface SentTotals {
  readonly packets: number;
  readonly bytes: number;
  /** Video frames, or audio packets. */
  readonly frames: number;
  readonly keyFrames: number;
  /** Packets that the other side asked for again. */
  readonly resent: number;
  /** Frames that were left out because the machine was too slow. */
  readonly skipped: number;
  /** What the other side says that it misses for good; undefined when it says nothing. */
  readonly lost: number | undefined;
  /** Of media. */
  readonly seconds: number;
}

export interface ReceivedTotals {
  readonly packets: number;
  readonly bytes: number;
  readonly frames: number;
  readonly keyFrames: number;
  /** Frames or packets that never came. */
  readonly lost: number;
  /** Packets that came only when asked for again. */
  readonly repaired: number;
  readonly seconds: number;
  /** With --verify: what the counter in the pictures says. */
  readonly order?: OrderSummary;
}

/** What the counters of decoded pictures say. */
export interface OrderSummary {
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Pictures with a counter. */
  readonly counted: number;
  /** Pictures without one that can be read. */
  readonly unread: number;
  /** Frames that no decoder takes. */
  readonly broken: number;
  /** Numbers between first and last that did not come, as ranges. */
  readonly missing: readonly (readonly [from: number, to: number])[];
  readonly missingCount: number;
  /** Pictures whose number is not above that of the one before. */
  readonly outOfOrder: number;
}

export interface Totals {
  readonly sent: Readonly<Partial<Record<MediaKind, SentTotals>>>;
  readonly received: Readonly<Partial<Record<MediaKind, ReceivedTotals>>>;
}

/** What happens: one line of `--json` each, and most of them a line for people. */
export type MediaEvent =
  | { readonly event: "started"; readonly role: string; readonly kind: string }
  | { readonly event: "registered"; readonly id: string; readonly server: string }
  /** The id is kept for a program that broke off. */
  | { readonly event: "waiting"; readonly id: string }
  | { readonly event: "server"; readonly state: "reconnecting" | "registered" }
  | { readonly event: "calling" | "incoming" | "busy"; readonly peer: string }
  | {
      readonly event: "connected";
      readonly peer: string;
      readonly path: Path;
      /** From the call to the connection. */
      readonly ms: number;
    }
  /** The path has changed, and is this one from now on. */
  | { readonly event: "path"; readonly peer: string; readonly path: Path }
  | { readonly event: "silent" | "back"; readonly peer: string }
  | {
      readonly event: "track";
      readonly direction: "send" | "receive";
      readonly kind: MediaKind;
      readonly description: string;
      /** False: it comes, but was not asked for. */
      readonly taken: boolean;
    }
  | {
      /** A track that was taken is over, while the call goes on. */
      readonly event: "track-ended";
      readonly kind: MediaKind;
    }
  | {
      /** What a person typed at the other side, such as in the chat of a page. */
      readonly event: "message";
      readonly peer: string;
      readonly text: string;
    }
  | {
      readonly event: "muted" | "unmuted";
      readonly kind: MediaKind;
      readonly by: "local" | "remote";
    }
  | {
      readonly event: "stats";
      readonly seconds: number;
      readonly roundTripMs: number | undefined;
      readonly flows: readonly Flow[];
    }
  | {
      /** Video frames, or audio packets, that never came. */
      readonly event: "frame-lost" | "gap";
      readonly kind: MediaKind;
      readonly lost: number;
      /** Where in the media, in seconds from its beginning. */
      readonly at: number;
    }
  | {
      readonly event: "left";
      readonly peer: string;
      readonly clean: boolean;
      readonly reason: string;
      /** Why it is lost, in one word. */
      readonly why?: CallFailureReason;
    }
  | ({ readonly event: "recorded" } & RecordingSummary)
  | { readonly event: "error"; readonly code: ErrorCode; readonly message: string }
  | ({
      readonly event: "ended";
      readonly by: "local" | "remote";
      /** False: the other side went without a word. */
      readonly clean: boolean;
      readonly reason: string;
      readonly error?: { readonly code: ErrorCode; readonly message: string };
      readonly seconds: number;
    } & Totals);

export type Report = (event: MediaEvent) => void;
