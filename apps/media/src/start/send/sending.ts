import { ConicError, isConicError, type Clock } from "@conic/domain";
import type { MediaKind } from "../../sinks/recorder.js";
import { Timeline } from "../../sources/pace/timeline.js";
import type { MediaCall, OutgoingTrack } from "../call/media-call.js";
import type { Counts } from "../control/messages.js";
import type { Report } from "../events.js";
import { Pump, type Outgoing } from "./pump.js";

/** How long a side waits for the other to say that it is ready, which a browser never says. */
export const readyTimeoutMs = 1_000;

export interface SendingOptions {
  readonly call: MediaCall;
  readonly sources: readonly Outgoing[];
  /** @param maxBitrate bits a second, of a video whose rate can be changed */
  readonly createTrack: (kind: MediaKind, maxBitrate: number | undefined) => OutgoingTrack;
  readonly clock: Clock;
  readonly report: Report;
  /** How long it may take until both sides agree on the media. */
  readonly negotiationTimeoutMs: number;
}

/** What this side sends: all kinds begin together. */
export class Sending {
  readonly pumps: readonly Pump[];
  readonly #options: SendingOptions;
  #refusal: ConicError | undefined;
  #muted = false;

  constructor(options: SendingOptions) {
    this.#options = options;
    this.pumps = options.sources.map((source) => {
      const track = options.createTrack(source.kind, source.maxBitrate);
      return new Pump(source, track, options.call.addTrack(track));
    });
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Whether every source that has an end is at it. */
  get isDone(): boolean {
    return this.pumps.every(({ isDone, source }) => isDone || source.isEndless);
  }

  /** Chunks that went out. */
  get sent(): Counts {
    return Object.fromEntries(this.pumps.map(({ kind, sentChunks }) => [kind, sentChunks]));
  }

  want(kind: MediaKind): void {
    for (const pump of this.#of(kind)) pump.want();
  }

  /** The other side does not take one kind; the others go on. Returns whether there are others. */
  refuse(kind: MediaKind, error: ConicError): boolean {
    if (this.#of(kind).length === 0) return true;
    this.#refusal = error;
    for (const pump of this.#of(kind)) pump.refuse();
    return this.pumps.some(({ isRefused }) => !isRefused);
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    for (const { track } of this.pumps) track.enabled = !muted;
  }

  /**
   * Resolves when all is sent, or the signal fires.
   * @throws ConicError `unsupported` when the other side takes nothing of it, `timeout` when there is no agreement,
   * `invalid_data` for a file that breaks off.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { call, clock, negotiationTimeoutMs } = this.#options;
    const negotiated = Promise.all(this.pumps.map((pump) => pump.negotiated(signal)));
    if (!(await within(negotiated, negotiationTimeoutMs, clock))) {
      const message = `${call.remoteId} did not agree on media within ${negotiationTimeoutMs} ms`;
      throw new ConicError("timeout", message);
    }
    if (this.#refusal !== undefined && this.pumps.every(({ isRefused }) => isRefused)) {
      throw this.#refusal;
    }
    await within(Promise.all(this.pumps.map((pump) => pump.wanted(signal))), readyTimeoutMs, clock);
    await this.#play(signal);
  }

  /** Until every source that has an end is at it; one that has none accompanies the others. */
  async #play(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const timeline = new Timeline({ clock: this.#options.clock });
    const pumps = this.pumps.filter(({ isRefused }) => !isRefused);
    const playing = pumps.map(async (pump) => {
      this.#tell(pump);
      try {
        await pump.run({ timeline, signal: AbortSignal.any([signal, over.signal]) });
      } catch (error) {
        over.abort();
        throw error;
      }
    });
    const bounded = playing.filter((_, index) => pumps[index]?.source.isEndless === false);
    await Promise.all(bounded.length > 0 ? bounded : playing);
    over.abort();
    await Promise.all(playing);
  }

  #tell({ source: { kind, description } }: Pump): void {
    this.#options.report({ event: "track", direction: "send", kind, description, taken: true });
  }

  #of(kind: MediaKind): Pump[] {
    return this.pumps.filter((pump) => pump.kind === kind);
  }
}

/** Whether it came in time. An abort is nothing that went wrong here: whoever aborted goes on. */
export async function within(
  promise: Promise<unknown>,
  timeoutMs: number,
  clock: Clock,
): Promise<boolean> {
  let cancel: (() => void) | undefined;
  const late = new Promise<false>((resolve) => {
    cancel = clock.schedule(timeoutMs, () => {
      resolve(false);
    });
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } catch (error) {
    if (isConicError(error, "aborted")) return true;
    throw error;
  } finally {
    cancel?.();
  }
}
