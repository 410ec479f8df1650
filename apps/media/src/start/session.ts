import {
  callFailureReason,
  deferred,
  type CallFailureReason,
  type Clock,
  type ConicError,
} from "@conic/domain";
import type { MediaKind, Recorder } from "../sinks/recorder.js";
import type { MediaCall } from "./call/media-call.js";
import { Control } from "./control/control.js";
import type { ControlMessage, Counts } from "./control/messages.js";
import type { Report, Totals } from "./events.js";
import type { Inspector } from "./receive/inspect.js";
import { Receiving } from "./receive/receiving.js";
import type { Outgoing } from "./send/pump.js";
import { Sending, within, type SendingOptions } from "./send/sending.js";
import type { Flow } from "./stats/flow.js";
import { StatsKeeper } from "./stats/keeper.js";

/** How long a side that hangs up waits for the other to have got everything. */
export const byeTimeoutMs = 3_000;

export interface SessionOptions {
  readonly call: MediaCall;
  readonly role: "offer" | "answer";
  readonly kinds: readonly MediaKind[];
  readonly sources: readonly Outgoing[];
  readonly createTrack: SendingOptions["createTrack"];
  readonly recorder: Recorder | undefined;
  readonly inspectors: Readonly<Partial<Record<MediaKind, Inspector>>>;
  /** Hangs up when all is sent. */
  readonly endsWhenSent: boolean;
  /** Hangs up after that time. Undefined: never. */
  readonly maxSeconds: number | undefined;
  readonly negotiationTimeoutMs: number;
  readonly clock: Clock;
  readonly report: Report;
  /** Hangs up; its reason is told to the other side. */
  readonly stop: AbortSignal;
}

/** How a call ended. */
export interface SessionEnd {
  readonly by: "local" | "remote";
  /** False: the other side went without a word. */
  readonly clean: boolean;
  readonly reason: string;
  /** Why the other side is lost, in one word. */
  readonly why?: CallFailureReason;
  /** Why this side hung up, when something went wrong. */
  readonly error?: unknown;
}

/** What a person sees of a call. */
export interface SessionView {
  readonly seconds: number;
  readonly roundTripMs: number | undefined;
  readonly flows: readonly Flow[];
}

interface Bye {
  readonly reason: string;
  readonly sent: Counts;
}

/** One call from the connection to its end: sends, receives, and tells what happens. */
export class Session {
  readonly #options: SessionOptions;
  readonly #control: Control;
  readonly #sending: Sending;
  readonly #receiving: Receiving;
  readonly #stats: StatsKeeper;
  readonly #bye = deferred<Bye>();
  readonly #stopSending = new AbortController();
  readonly #remoteMuted = new Set<MediaKind>();
  readonly #startedMs: number;
  #endedMs: number | undefined;

  constructor(options: SessionOptions) {
    const { call, role, kinds, clock, report } = options;
    this.#options = options;
    this.#startedMs = clock.now();
    this.#control = new Control({
      call,
      opens: role === "offer",
      onMessage: (message) => this.#onMessage(message),
      onText: (text) => report({ event: "message", peer: call.remoteId, text }),
    });
    this.#sending = new Sending(options);
    this.#receiving = new Receiving({
      ...options,
      onTrack: (kind) => this.#control.send({ type: "ready", kind }),
    });
    this.#stats = new StatsKeeper({
      call,
      clock,
      pumps: this.#sending.pumps,
      receivers: this.#receiving.receivers,
      isMuted: (direction, kind) =>
        direction === "send" ? this.#sending.muted : this.#remoteMuted.has(kind),
      onTick: () => this.#onTick(),
    });
    const sends = options.sources.map(({ kind, description }) => ({ kind, description }));
    this.#control.send({ type: "hello", kind: kinds.length > 1 ? "av" : (kinds[0] ?? ""), sends });
    call.on("fault", (error) => this.#onFault(error));
    let silent = false;
    call.on("connectionstatechange", (state) => {
      if (state !== "disconnected" && !(state === "connected" && silent)) return;
      silent = state === "disconnected";
      report({ event: silent ? "silent" : "back", peer: call.remoteId });
    });
  }

  /** Whether everything that this side has to send went out. */
  get isSent(): boolean {
    return this.#sending.isDone;
  }

  get muted(): boolean {
    return this.#sending.muted;
  }

  view(): SessionView {
    const flows = this.#stats.flows.map((flow) => {
      const level = this.#receiving.receivers.find(({ kind }) => kind === flow.kind)?.inspector;
      return flow.direction === "receive" && level?.level ? { ...flow, level: level.level } : flow;
    });
    const until = this.#endedMs ?? this.#options.clock.now();
    const seconds = (until - this.#startedMs) / 1000;
    return { seconds, roundTripMs: this.#stats.roundTripMs, flows };
  }

  totals(): Totals {
    return this.#stats.totals();
  }

  /** Stops sending for a while, or goes on. */
  toggleMute(): void {
    const muted = !this.#sending.muted;
    this.#sending.setMuted(muted);
    for (const { kind } of this.#sending.pumps) {
      this.#control.send({ type: muted ? "mute" : "unmute", kind });
      this.#options.report({ event: muted ? "muted" : "unmuted", kind, by: "local" });
    }
  }

  /** Resolves when the call is over and all that came is recorded. */
  async run(): Promise<SessionEnd> {
    const end = await this.#firstEnd();
    this.#endedMs = this.#options.clock.now();
    this.#stopSending.abort();
    if (end.clean) await this.#sayGoodbye(end);
    await this.#stats.read();
    this.#stats.close();
    await this.#options.call.close();
    await this.#receiving.finished();
    return end;
  }

  #firstEnd(): Promise<SessionEnd> {
    const { call, clock, stop, maxSeconds, sources, endsWhenSent } = this.#options;
    return new Promise((resolve) => {
      const failed = (error: unknown): void => {
        resolve({ by: "local", clean: true, reason: "something went wrong", error });
      };
      const stopped = (): void => {
        resolve({ by: "local", clean: true, reason: String(stop.reason) });
      };
      stop.addEventListener("abort", stopped, { once: true });
      if (stop.aborted) stopped();
      void this.#bye.promise.then(({ reason }) => {
        resolve({ by: "remote", clean: true, reason });
      });
      // A goodbye that came just before is read first.
      void Promise.all([call.closed, this.#control.over]).then(([info]) => {
        const { wasClean: clean, reason, error } = info;
        const why = clean ? {} : { why: callFailureReason(error) };
        resolve({ by: "remote", clean, reason, ...why });
      });
      this.#receiving.failed.catch(failed);
      if (sources.length > 0) {
        this.#sending.run(this.#stopSending.signal).then(() => {
          if (endsWhenSent) resolve({ by: "local", clean: true, reason: "all is sent" });
        }, failed);
      }
      if (maxSeconds !== undefined) {
        const cancel = clock.schedule(maxSeconds * 1000, () => {
          resolve({ by: "local", clean: true, reason: "the time is over" });
        });
        this.#stopSending.signal.addEventListener("abort", cancel, { once: true });
      }
    });
  }

  /** Both sides stay until the other has got the last of what was sent. */
  async #sayGoodbye(end: SessionEnd): Promise<void> {
    const { call, clock } = this.#options;
    const { reason } = end;
    if (end.by === "local") {
      this.#control.send({ type: "bye", reason, sent: this.#sending.sent });
      if (!this.#control.isAnswered) return;
      await within(Promise.race([this.#bye.promise, call.closed]), byeTimeoutMs, clock);
    }
    if (this.#bye.settled) await this.#receiving.drained((await this.#bye.promise).sent);
    if (end.by === "remote") {
      await this.#sendStats();
      this.#control.send({ type: "bye", reason: "", sent: this.#sending.sent });
    }
  }

  #onMessage(message: ControlMessage): void {
    const { report } = this.#options;
    switch (message.type) {
      case "hello":
        this.#receiving.announce(message.sends);
        return;
      case "ready":
        this.#sending.want(message.kind);
        return;
      case "mute":
      case "unmute": {
        const muted = message.type === "mute";
        if (muted) this.#remoteMuted.add(message.kind);
        else this.#remoteMuted.delete(message.kind);
        report({ event: muted ? "muted" : "unmuted", kind: message.kind, by: "remote" });
        return;
      }
      case "stats":
        this.#stats.arrived = message;
        return;
      case "bye":
        this.#bye.resolve(message);
        return;
    }
  }

  #onFault(error: ConicError): void {
    const { kind, by } = error.details;
    const { code, message } = error;
    const isRefusal = code === "unsupported" && by !== "local";
    const refused = isRefusal && (kind === "audio" || kind === "video") ? kind : undefined;
    // The end of the call tells it when nothing is left to send.
    const goesOn = refused === undefined || this.#sending.refuse(refused, error);
    if (goesOn) this.#options.report({ event: "error", code, message });
  }

  #onTick(): void {
    const { seconds, roundTripMs, flows } = this.view();
    this.#options.report({
      event: "stats",
      seconds: Math.round(seconds * 10) / 10,
      roundTripMs,
      flows,
    });
    if (this.#receiving.receivers.some(({ chunks }) => chunks > 0)) void this.#sendStats(false);
  }

  async #sendStats(fresh = true): Promise<void> {
    if (fresh) await this.#stats.read();
    const arrived = this.#receiving.arrived((kind) => this.#stats.packetsReceived(kind));
    this.#control.send({ type: "stats", ...arrived });
  }
}
