import { ConicError, Frame, type Clock } from "@conic/domain";
import { abnormalCode } from "../connection/close-rules.js";
import type { Link, LinkEvents } from "../connection/link.js";
import { failure } from "../dial/failure.js";
import type { Target } from "../dial/target.js";
import type { ResolvedLimits } from "../limits.js";
import { nativeCode } from "./close-codes.js";
import { DrainWatch } from "./drain-watch.js";
import { isSecurePage, type NativeClose, type NativeSocket } from "./native.js";

/** How many times what fills the inbox may arrive before the connection ends: a page cannot stop reading. */
const overrun = 16;

/** The WebSocket of a browser, which cannot ping, pause or reset, and does not say why it failed. */
export class NativeLink implements Link {
  readonly #socket: NativeSocket;
  readonly #target: Target;
  readonly #limits: ResolvedLimits;
  readonly #drain: DrainWatch;
  #events: LinkEvents | undefined;
  #state: "connecting" | "open" | "ended" = "connecting";
  /** What arrived while the inbox was full; undefined while it is not. */
  #excess: { frames: number; bytes: number } | undefined;

  constructor(socket: NativeSocket, target: Target, limits: ResolvedLimits, clock: Clock) {
    this.#socket = socket;
    this.#target = target;
    this.#limits = limits;
    this.#drain = new DrainWatch(clock, limits, {
      bufferedAmount: () => this.bufferedAmount,
      onDrain: () => this.#events?.onDrain(),
    });
  }

  get bufferedAmount(): number {
    return this.#state === "open" ? this.#socket.bufferedAmount : 0;
  }

  start(events: LinkEvents): void {
    const socket = this.#socket;
    this.#events = events;
    // A blob would have to be read before its kind is known to be of no use.
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      if (this.#state !== "connecting") return;
      this.#state = "open";
      events.onOpen(socket.protocol, "");
    });
    socket.addEventListener("message", ({ data }) => {
      if (this.#state !== "ended") this.#onMessage(data, events);
    });
    socket.addEventListener("close", (event) => {
      this.#onClose(event, events);
    });
  }

  write(frame: Frame): void {
    if (this.#state !== "open") return;
    this.#socket.send(frame.text);
    this.#drain.written();
  }

  /** Writes are handed over at once; what leaves the page together is the browser's to decide. */
  flush(): void {}

  /** A page cannot ping: its connections have no keepalive of their own, and answer the server's. */
  ping(): void {}

  pause(): void {
    this.#excess ??= { frames: 0, bytes: 0 };
  }

  resume(): void {
    this.#excess = undefined;
  }

  close(code: number, reason: string): void {
    this.#socket.close(nativeCode(code), reason);
  }

  terminate(): void {
    const events = this.#events;
    if (this.#state === "ended") return;
    this.#leave(abnormalCode, "aborted");
    // Later, as a network would tell it: whoever terminates is in the middle of something.
    queueMicrotask(() => {
      events?.onEnd({ code: abnormalCode, reason: "", clean: false });
    });
  }

  /** A page cannot reset: what it had sent still goes, and then a close frame; nothing of it is waited for. */
  #leave(code: number, reason: string): void {
    this.#state = "ended";
    this.#drain.stop();
    this.#socket.close(nativeCode(code), reason);
  }

  #onMessage(data: unknown, events: LinkEvents): void {
    events.onTraffic();
    if (typeof data !== "string") {
      const error = new ConicError("unsupported_data", "binary frames are not used here");
      this.#violated(events, 1003, error);
      return;
    }
    const { maxFrameBytes } = this.#limits;
    const frame = Frame.fromText(data);
    // UTF-8 has at least as many bytes as UTF-16 has units: what is too large by far is not encoded to be measured.
    if (data.length > maxFrameBytes || frame.byteLength > maxFrameBytes) {
      const text = `a frame is at most ${maxFrameBytes} bytes`;
      this.#violated(
        events,
        1009,
        new ConicError("too_large", text, { details: { maxFrameBytes } }),
      );
      return;
    }
    if (this.#excess !== undefined && !this.#fits(this.#excess, frame)) {
      this.#overrun(events);
      return;
    }
    events.onFrame(frame);
  }

  #violated(events: LinkEvents, code: number, error: ConicError): void {
    events.onViolation(code, error);
    this.close(code, error.code);
  }

  #fits(excess: { frames: number; bytes: number }, frame: Frame): boolean {
    const { maxReceiveQueueFrames, maxReceiveQueueBytes } = this.#limits;
    excess.frames += 1;
    excess.bytes += frame.byteLength;
    const times = overrun - 1;
    return (
      excess.frames <= times * maxReceiveQueueFrames && excess.bytes <= times * maxReceiveQueueBytes
    );
  }

  #overrun(events: LinkEvents): void {
    const error = new ConicError("slow_consumer", "this page does not read what it is sent");
    this.#leave(4001, error.code);
    events.onFailure(error);
  }

  #onClose({ code, reason, wasClean }: NativeClose, events: LinkEvents): void {
    const wasOpen = this.#state === "open";
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#drain.stop();
    if (wasOpen) events.onEnd({ code, reason, clean: wasClean && code !== abnormalCode });
    else events.onFailure(this.#dialError());
  }

  /** Browsers hide why a WebSocket did not open, so that pages do not explore the network. */
  #dialError(): ConicError {
    const needsTls = isSecurePage() && !this.#target.secure;
    const text = needsTls
      ? "a page over https may only open wss://"
      : "the browser says why in its console only; check that the server runs there, its certificate, and that it lets this page in";
    return failure(this.#target, "other", text);
  }
}
