import { opusPacketDuration } from "../../payload/opus.js";
import type { BufferedPacket } from "./packet-buffer.js";
import type { Depacketizer, StreamParts } from "./stream-parts.js";

const samplesPerMs = 48;

/** Opus: each packet is a chunk (RFC 7587 section 4.2). */
export class AudioPackets implements Depacketizer {
  readonly isKeyFrameComing = false;
  readonly takesEarlier = false;
  readonly #parts: StreamParts;
  #lost = 0;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  added(): void {
    // Nothing can be told before it is its turn.
  }

  drain(): void {
    const { buffer } = this.#parts;
    for (;;) {
      const packet = buffer.get(buffer.next);
      if (packet === undefined) return;
      this.#take(packet);
    }
  }

  giveUpBefore(position: number): void {
    const { buffer, missing } = this.#parts;
    while (buffer.next < position) {
      const packet = buffer.get(buffer.next);
      if (packet !== undefined) {
        this.#take(packet);
      } else {
        this.#lost += 1;
        buffer.advance(buffer.next + 1);
      }
    }
    missing.dropBefore(position);
  }

  #take({ packet, arrivedAt }: BufferedPacket): void {
    const { buffer, clock, counters, emit } = this.#parts;
    buffer.advance(buffer.next + 1);
    const { payload, timestamp } = packet;
    if (payload.length === 0) return;
    const samples = opusPacketDuration(payload);
    if (samples === undefined) {
      // RFC 6716 section 3.4: a receiver must not process it. To the decoder it is a lost one.
      counters.packetsDiscarded += 1;
      this.#lost += 1;
      return;
    }
    const lostBefore = this.#lost;
    this.#lost = 0;
    emit({
      type: "key",
      ...clock.read(timestamp, arrivedAt),
      duration: (samples * 1_000) / samplesPerMs,
      data: payload,
      lostBefore,
      receivedAtMs: arrivedAt,
    });
  }
}
