import type { Level } from "@conic/audio";
import type { Arrived } from "../control/messages.js";
import type { MediaKind } from "../../sinks/recorder.js";

/** One kind in one direction, as it is now. Counts are from the beginning. */
export interface Flow {
  readonly direction: "send" | "receive";
  readonly kind: MediaKind;
  readonly muted: boolean;
  /** Of the last second, payload alone. */
  readonly kbps: number;
  /** When sending what is encoded here: what the encoder is set to, by what the path carries. */
  readonly targetKbps?: number;
  readonly packets: number;
  readonly frames: number;
  /** Frames of the last second. */
  readonly fps: number;
  readonly keyFrames: number;
  /** Frames or packets that never came; when sending, what the other side says. */
  readonly lost: number;
  /** Packets that came when asked for again, or were sent again. */
  readonly repaired: number;
  readonly nacks: number;
  /** Key frames that were asked for. */
  readonly keyFrameRequests: number;
  readonly jitterMs?: number;
  readonly level?: Level;
  /** When sending: what the other side says that it got; undefined when it says nothing. */
  readonly arrived?: Arrived;
}

/** Rates from counts that grow, over the time between two readings. */
export class Rate {
  #last: { readonly atMs: number; readonly bytes: number; readonly frames: number };

  constructor(nowMs: number) {
    this.#last = { atMs: nowMs, bytes: 0, frames: 0 };
  }

  next(nowMs: number, bytes: number, frames: number): { kbps: number; fps: number } {
    const last = this.#last;
    const ms = nowMs - last.atMs;
    this.#last = { atMs: nowMs, bytes, frames };
    if (ms <= 0) return { kbps: 0, fps: 0 };
    return {
      kbps: round(((bytes - last.bytes) * 8) / ms),
      fps: round(((frames - last.frames) * 1000) / ms),
    };
  }
}

/** To one decimal; a stream that started anew counts from 0 again. */
function round(value: number): number {
  return Math.max(0, Math.round(value * 10) / 10);
}
