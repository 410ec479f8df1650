import type { Clock, EncodedChunk } from "@conic/domain";
import type { MediaEvent } from "../../../src/start/events.js";
import type { MediaKind } from "../../../src/sinks/recorder.js";
import type { Outgoing } from "../../../src/start/send/pump.js";
import { Session, type SessionOptions } from "../../../src/start/session.js";
import { FakeTrack, type FakeCall } from "./fake-call.js";

/** Chunks of a second, one after the other. */
export function source(
  kind: MediaKind,
  count: number,
  options: { isEndless?: boolean; fails?: Error; maxBitrate?: number; bitrates?: number[] } = {},
): Outgoing {
  const { isEndless = false, fails, maxBitrate, bitrates } = options;
  const end = isEndless ? Infinity : count;
  return {
    kind,
    description: `${count} of ${kind}`,
    isEndless,
    skippedFrames: 0,
    maxBitrate,
    async *play({ signal, keyFrameWanted, bitrate }) {
      for (let index = 0; index < end; index += 1) {
        // As real sources do: they never keep the event loop to themselves.
        await new Promise(setImmediate);
        if (signal?.aborted === true) return;
        if (bitrate !== undefined) bitrates?.push(bitrate());
        yield chunk(index, keyFrameWanted?.() === true || kind === "audio");
      }
      if (fails !== undefined) throw fails;
    },
  };
}

export function chunk(index: number, isKey: boolean): EncodedChunk {
  return {
    type: isKey ? "key" : "delta",
    timestamp: index * 1_000_000,
    duration: 1_000_000,
    data: new Uint8Array(10),
  };
}

export interface Side {
  readonly session: Session;
  readonly events: MediaEvent[];
  readonly tracks: FakeTrack[];
  readonly stop: AbortController;
  of<E extends MediaEvent["event"]>(event: E): Extract<MediaEvent, { event: E }>[];
}

export function side(
  call: FakeCall,
  clock: Clock,
  options: Partial<SessionOptions> & Pick<SessionOptions, "role">,
): Side {
  const events: MediaEvent[] = [];
  const tracks: FakeTrack[] = [];
  const stop = new AbortController();
  const session = new Session({
    call,
    clock,
    kinds: ["audio"],
    sources: [],
    createTrack: (kind) => {
      const track = new FakeTrack(kind);
      tracks.push(track);
      return track;
    },
    recorder: undefined,
    inspectors: {},
    endsWhenSent: options.role === "offer",
    maxSeconds: undefined,
    negotiationTimeoutMs: 15_000,
    report: (event) => void events.push(event),
    stop: stop.signal,
    ...options,
  });
  const of = <E extends MediaEvent["event"]>(event: E): Extract<MediaEvent, { event: E }>[] =>
    events.filter((one) => one.event === event) as Extract<MediaEvent, { event: E }>[];
  return { session, events, tracks, stop, of };
}
