import type { BufferedPacket } from "../stream/packet-buffer.js";
import type { Depacketizer, StreamParts } from "../stream/stream-parts.js";
import { DecodeChain } from "./decode-chain.js";
import { PictureCount } from "./picture-count.js";
import { joinFrame } from "./join-frame.js";

const holdMs = 100;

/** VP8: a frame is the packets of one timestamp, from the start of partition 0 to the marker (RFC 7741 section 4.1). */
export class VideoFrames implements Depacketizer {
  readonly #parts: StreamParts;
  readonly #chain = new DecodeChain();
  readonly #pictures = new PictureCount();
  /** Before it, from `buffer.next` on, all is there and no frame ends. */
  #scanned = Number.NEGATIVE_INFINITY;
  #isUntouched = true;
  #firstAt: number | undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  get takesEarlier(): boolean {
    const { buffer } = this.#parts;
    return this.#isUntouched && buffer.get(buffer.next) !== undefined && !this.isKeyFrameComing;
  }

  get isKeyFrameComing(): boolean {
    const { buffer } = this.#parts;
    return buffer.get(buffer.next)?.vp8?.keyFrame === true;
  }

  added(position: number, { vp8, packet, arrivedAt }: BufferedPacket): void {
    this.#firstAt ??= arrivedAt;
    if (vp8 === undefined) {
      if (packet.payload.length > 0) this.#parts.counters.packetsDiscarded += 1;
      return;
    }
    const { buffer } = this.#parts;
    if (!vp8.start || position === buffer.next) return;
    if (this.#chain.needsKey) {
      // Nothing before it can be decoded any more, unless another one is coming in.
      if (vp8.keyFrame === true && !this.isKeyFrameComing) this.#moveTo(position);
    } else if (this.#pictures.isNext(vp8, buffer.next) && this.#isBare(buffer.next, position)) {
      // What is missing before it was padding: senders that probe the path do not repeat it.
      this.#parts.buffer.advance(position);
      this.#parts.missing.dropBefore(position);
      this.#pictures.passOver(position);
    }
  }

  drain(now: number): void {
    const { buffer } = this.#parts;
    for (;;) {
      const { next } = buffer;
      const head = buffer.get(next);
      if (head === undefined) return;
      if (head.packet.payload.length === 0) {
        buffer.advance(next + 1);
        this.#pictures.padding(next);
      } else if (this.#isUntouched && head.vp8?.keyFrame !== true && this.#holds(head, now)) {
        return;
      } else if (head.vp8?.start !== true) {
        this.#dropRun(head, now);
      } else {
        const end = this.#findEnd(head.packet.timestamp);
        if (end === undefined) return;
        this.#handOut(next, end, now);
      }
    }
  }

  giveUpBefore(position: number, now: number): void {
    this.#moveTo(position);
    this.#chain.break();
    if (!this.#chain.needsKey) return;
    if (!this.isKeyFrameComing) this.#seekKeyFrame();
    this.#parts.wantKeyFrame(now);
  }

  /** Moves on to the next key frame of which the start is there. */
  #seekKeyFrame(): void {
    const { buffer, reception } = this.#parts;
    for (let at = buffer.next; at <= reception.highest; at += 1) {
      if (buffer.get(at)?.vp8?.keyFrame !== true) continue;
      this.#moveTo(at);
      return;
    }
  }

  /** Whether nothing but padding is there from `from` to below `to`. */
  #isBare(from: number, to: number): boolean {
    for (let at = from; at < to; at += 1) {
      const there = this.#parts.buffer.get(at);
      if (there !== undefined && there.packet.payload.length > 0) return false;
    }
    return true;
  }

  /** At the beginning of a stream the key frame may have been overtaken: what cannot be decoded is kept for a while. */
  #holds({ packet }: BufferedPacket, now: number): boolean {
    const { buffer, reception, wantKeyFrame } = this.#parts;
    if (now - (this.#firstAt ?? now) >= holdMs) return false;
    const last = buffer.get(reception.highest);
    // Nothing of its own frame is to come any more, in all likelihood.
    if (last !== undefined && last.packet.timestamp !== packet.timestamp) wantKeyFrame(now);
    return true;
  }

  /** Drops everything before `position`. */
  #moveTo(position: number): void {
    const { buffer, missing } = this.#parts;
    let timestamp: number | undefined;
    const end = Math.min(position, this.#parts.reception.highest + 1);
    for (let at = buffer.next; at < end; at += 1) {
      const there = buffer.get(at);
      if (there === undefined || there.packet.payload.length === 0) continue;
      this.#touch(there, at);
      if (there.packet.timestamp !== timestamp) this.#pictures.dropped();
      timestamp = there.packet.timestamp;
    }
    buffer.advance(position);
    missing.dropBefore(position);
  }

  /** Drops packets of a frame whose start is lost, as far as they are there. */
  #dropRun({ packet: { timestamp } }: BufferedPacket, now: number): void {
    const { buffer } = this.#parts;
    let end = buffer.next + 1;
    for (;;) {
      const there = buffer.get(end);
      if (there?.packet.timestamp !== timestamp || there.vp8?.start === true) break;
      end += 1;
    }
    this.#moveTo(end);
    this.#break(now);
  }

  /** Where the frame at the head ends, when all of it is there. */
  #findEnd(timestamp: number): number | undefined {
    const { buffer } = this.#parts;
    let at = this.#isUntouched ? buffer.next : Math.max(this.#scanned, buffer.next);
    for (;;) {
      const there = buffer.get(at);
      this.#scanned = at;
      if (there === undefined) return undefined;
      // Of a sender that leaves the marker out.
      if (there.packet.timestamp !== timestamp) return at;
      at += 1;
      if (there.packet.marker) return at;
    }
  }

  #handOut(from: number, end: number, now: number): void {
    const { buffer, clock, emit } = this.#parts;
    const head = buffer.get(from);
    const frame = joinFrame(buffer, from, end);
    if (head?.vp8 === undefined || frame === undefined || !this.#chain.accept(head.vp8)) {
      this.#moveTo(end);
      // A frame that is whole and not decodable has told the chain already.
      if (frame === undefined) this.#break(now);
      else if (this.#chain.needsKey) this.#parts.wantKeyFrame(now);
      return;
    }
    this.#touch(head, from);
    buffer.advance(end);
    const lostBefore = this.#pictures.take(head.vp8, from, end);
    emit({
      type: head.vp8.keyFrame === true ? "key" : "delta",
      ...clock.read(head.packet.timestamp, frame.arrivedAt),
      duration: 0,
      data: frame.data,
      lostBefore,
      receivedAtMs: frame.arrivedAt,
    });
  }

  #touch(first: BufferedPacket, position: number): void {
    if (!this.#isUntouched) return;
    this.#isUntouched = false;
    this.#pictures.begin(first.vp8, position);
  }

  #break(now: number): void {
    this.#chain.break();
    if (this.#chain.needsKey) this.#parts.wantKeyFrame(now);
  }
}
