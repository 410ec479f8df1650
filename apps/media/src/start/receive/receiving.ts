import { deferred, type Clock } from "@conic/domain";
import type { MediaKind, Recorder } from "../../sinks/recorder.js";
import type { IncomingTrack, MediaCall } from "../call/media-call.js";
import type { Announced, Arrived, Counts } from "../control/messages.js";
import type { Report } from "../events.js";
import { within } from "../send/sending.js";
import { Signpost } from "../signpost.js";
import type { Inspector } from "./inspect.js";
import { Receiver } from "./receiver.js";

/** How long the last media may be on its way after the other side said goodbye: lost packets come again. */
export const drainTimeoutMs = 1_000;

const closingTimeoutMs = 500;

export interface ReceivingOptions {
  readonly call: MediaCall;
  /** What is taken; other kinds are told of, and left alone. */
  readonly kinds: readonly MediaKind[];
  readonly recorder: Recorder | undefined;
  readonly inspectors: Readonly<Partial<Record<MediaKind, Inspector>>>;
  readonly clock: Clock;
  readonly report: Report;
  /** A track has come that is taken. */
  readonly onTrack: (kind: MediaKind) => void;
}

/** What this side receives, one track of each kind at a time. */
export class Receiving {
  readonly receivers: readonly Receiver[];
  readonly #options: ReceivingOptions;
  readonly #progress = new Signpost();
  readonly #failed = deferred<never>();
  readonly #finished: Promise<unknown>;
  #announced: readonly Announced[] = [];

  constructor(options: ReceivingOptions) {
    const { kinds, recorder, inspectors, report } = options;
    this.#options = options;
    this.receivers = kinds.map((kind) => {
      const onProgress = (): void => this.#progress.raise();
      return new Receiver({ kind, recorder, inspector: inspectors[kind], report, onProgress });
    });
    this.#finished = this.#takeTracks();
  }

  /** Rejects when what comes cannot be recorded. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Resolves when the call is closed, and all that came is recorded. */
  async finished(): Promise<void> {
    await this.#finished;
  }

  /** What the other side says that it sends. */
  announce(announced: readonly Announced[]): void {
    this.#announced = announced;
  }

  /** What arrived of each kind that has come at all. */
  arrived(packets: (kind: MediaKind) => number): Readonly<Partial<Record<MediaKind, Arrived>>> {
    const came = this.receivers.filter(({ chunks }) => chunks > 0);
    return Object.fromEntries(
      came.map(({ kind, chunks, bytes, lost }) => [
        kind,
        { packets: packets(kind), bytes, lost, frames: chunks },
      ]),
    );
  }

  /** Resolves when so many chunks are accounted for, or have not come in time. */
  async drained(sent: Counts): Promise<void> {
    const isComplete = (): boolean =>
      this.receivers.every(
        ({ kind, chunks, lost, isBusy }) => !isBusy || chunks + lost >= (sent[kind] ?? 0),
      );
    const waiting = new AbortController();
    await within(
      this.#progress.until(isComplete, waiting.signal),
      drainTimeoutMs,
      this.#options.clock,
    );
    waiting.abort();
  }

  async #takeTracks(): Promise<void> {
    const reading: Promise<void>[] = [];
    for await (const track of this.#options.call.tracks()) reading.push(this.#take(track));
    await Promise.all(reading);
  }

  async #take(track: IncomingTrack): Promise<void> {
    const { kind } = track;
    const receiver = this.receivers.find((one) => one.kind === kind && !one.isBusy);
    if (receiver === undefined) {
      this.#tell(kind, false);
      await discard(track);
      return;
    }
    this.#options.onTrack(kind);
    try {
      // Told with the first chunk: the other side has said by then what it sends.
      await receiver.read(track, () => this.#tell(kind, true));
      const { call, clock, report } = this.#options;
      // The end of a call ends its tracks first, and is told by itself.
      if (!(await within(call.closed, closingTimeoutMs, clock))) {
        report({ event: "track-ended", kind });
      }
    } catch (error) {
      this.#failed.reject(error);
    }
  }

  #tell(kind: MediaKind, taken: boolean): void {
    const description = this.#announced.find((one) => one.kind === kind)?.description ?? "";
    this.#options.report({ event: "track", direction: "receive", kind, description, taken });
  }
}

/** What nobody reads fills the track up, which then asks for a key frame again and again. */
async function discard(track: IncomingTrack): Promise<void> {
  const chunks = track[Symbol.asyncIterator]();
  let isOver = false;
  while (!isOver) isOver = (await chunks.next()).done === true;
}
