import type { HistoryLimits } from "./config.js";
import { LastSecond } from "./last-second.js";
import { SentPackets, type SentPacket } from "./sent-packets.js";

const maxRoundTripMs = 500;

/**
 * What lost packets are sent again from. A remote cannot amplify with it: a packet goes out once in a round trip, and
 * all of them together take no more bytes than the media of the last second did.
 */
export class Retransmitter {
  readonly #sent: SentPackets;
  readonly #media = new LastSecond();
  readonly #again = new LastSecond();
  readonly #onMissed: () => void;
  #enabled: boolean;

  /** @param onMissed a packet is asked for that was not before */
  constructor(enabled: boolean, limits: HistoryLimits | undefined, onMissed: () => void) {
    this.#enabled = enabled;
    this.#onMissed = onMissed;
    this.#sent = new SentPackets(limits);
  }

  set enabled(enabled: boolean) {
    this.#enabled = enabled;
    if (!enabled) this.#sent.clear();
  }

  onSent(sequenceNumber: number, bytes: Uint8Array, payloadBytes: number, now: number): void {
    if (!this.#enabled) return;
    this.#media.add(bytes.length, now);
    this.#sent.add(sequenceNumber, bytes, payloadBytes, now);
  }

  /** The packet, when it is there and may be sent again now; it counts as sent. */
  take(sequenceNumber: number, roundTripMs: number, now: number): SentPacket | undefined {
    const packet = this.#sent.get(sequenceNumber, now);
    if (packet === undefined) return undefined;
    if (!packet.isMissed) this.#onMissed();
    packet.isMissed = true;
    // The remote asks again after its own idea of a round trip, which may be a little shorter.
    const spacing = Math.min(roundTripMs, maxRoundTripMs) * 0.8;
    if (now - packet.resentAt < spacing) return undefined;
    const bytes = packet.bytes.length;
    if (this.#again.total(now) + bytes > this.#media.total(now)) return undefined;
    this.#again.add(bytes, now);
    packet.resentAt = now;
    return packet;
  }

  /** Frees what is too old: a stream that pauses keeps nothing. */
  expire(now: number): void {
    this.#sent.expire(now);
  }
}
