import type { Frame } from "@conic/domain";
import type { Link, LinkEvents } from "../connection/link.js";
import { abnormalCode } from "../connection/close-rules.js";

interface CloseFrame {
  readonly code: number;
  readonly reason: string;
}

/**
 * One half of a pair without a network: frames wait here until the other half reads them, and the close frame
 * behind them. Frames move in a microtask, so that neither end calls into the other.
 */
export class MemoryLink implements Link {
  readonly #protocol: string;
  #other: MemoryLink | undefined;
  #events: LinkEvents | undefined;
  #waiting: Frame[] = [];
  #waitingBytes = 0;
  #farewell: CloseFrame | undefined;
  #farewellSent = false;
  #received: CloseFrame | undefined;
  #paused = false;
  #ended = false;
  #scheduled = false;

  private constructor(protocol: string) {
    this.#protocol = protocol;
  }

  static pair(protocol: string): [MemoryLink, MemoryLink] {
    const a = new MemoryLink(protocol);
    const b = new MemoryLink(protocol);
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  get bufferedAmount(): number {
    return this.#waitingBytes;
  }

  start(events: LinkEvents): void {
    this.#events = events;
    events.onOpen(this.#protocol, "");
  }

  write(frame: Frame): void {
    if (this.#ended || this.#farewell !== undefined) return;
    this.#waiting.push(frame);
    this.#waitingBytes += frame.byteLength;
    this.#schedule();
  }

  flush(): void {
    this.#move();
  }

  ping(): void {
    this.#other?.pong();
  }

  pong(): void {
    if (!this.#ended) this.#events?.onTraffic();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#other !== undefined) this.#other.#schedule();
  }

  close(code: number, reason: string): void {
    this.#farewell ??= { code, reason };
    this.#schedule();
  }

  terminate(): void {
    this.#end();
    if (this.#other !== undefined) this.#other.#end();
  }

  #schedule(): void {
    if (this.#scheduled || this.#ended) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#move();
    });
  }

  #move(): void {
    const other = this.#other;
    if (other === undefined || this.#ended) return;
    let moved = 0;
    for (const frame of this.#waiting) {
      if (other.#paused) break;
      moved += 1;
      this.#waitingBytes -= frame.byteLength;
      other.#events?.onTraffic();
      other.#events?.onFrame(frame);
    }
    if (moved > 0) {
      this.#waiting = this.#waiting.slice(moved);
      this.#events?.onDrain();
    }
    if (this.#waiting.length > 0 || other.#paused) return;
    if (this.#farewell === undefined || this.#farewellSent) return;
    this.#farewellSent = true;
    other.#receiveClose(this.#farewell);
  }

  #receiveClose(frame: CloseFrame): void {
    this.#received = frame;
    if (this.#farewell === undefined) {
      this.#events?.onClosing();
      this.close(frame.code, frame.reason);
    }
    if (!this.#farewellSent) return;
    // Both close frames have arrived: this one here, and this end's at the other, which received it before.
    this.#end();
    if (this.#other !== undefined) this.#other.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const { code, reason } = this.#received ?? { code: abnormalCode, reason: "" };
    const clean = this.#received !== undefined && this.#farewellSent;
    // Later, as a network would tell it: whoever terminates is in the middle of something.
    queueMicrotask(() => {
      this.#events?.onEnd({ code, reason, clean });
    });
  }
}
