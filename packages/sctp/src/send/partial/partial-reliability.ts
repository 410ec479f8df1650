import { forwardTsnStreams, writeForwardTsn } from "../../wire/chunks/forward-tsn.js";
import type { PacketWriter } from "../../wire/packet-writer.js";
import { isAfter } from "../../wire/serial.js";
import type { Flight } from "../flight.js";
import { chunkState, type OutboundMessage } from "../outbound.js";
import { SkipList } from "./skip-list.js";

/** Messages that are given up, and telling the remote to pass over them (RFC 3758 section 3.5). */
export class PartialReliability {
  readonly #flight: Flight;
  readonly #interleaving: boolean;
  #due = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  abandonedMessages = 0;

  constructor(flight: Flight, interleaving: boolean) {
    this.#flight = flight;
    this.#interleaving = interleaving;
  }

  /** Gives up every chunk of a message that has a TSN. */
  abandon(message: OutboundMessage): void {
    message.abandoned = true;
    this.abandonedMessages += 1;
    // Of I-DATA, other messages have TSNs between those of this one.
    for (let index = this.#flight.indexOf(message.firstTsn); ; index += 1) {
      const chunk = this.#flight.at(index);
      if (chunk === undefined) break;
      if (chunk.message !== message) continue;
      this.#flight.abandon(chunk);
      if (chunk.fragment === message.fragments - 1) break;
    }
    this.#due = true;
    this.#sentAt = Number.NEGATIVE_INFINITY;
  }

  /** After a SACK: whether the remote still has to be told. */
  onAcknowledged(): void {
    if (!this.#flight.hasAbandoned) this.#due = false;
    else if (isAfter(this.#flight.advancedPoint(), this.#flight.cumulative)) this.#due = true;
  }

  /** Nothing was heard: tell again. */
  repeat(): void {
    this.#sentAt = Number.NEGATIVE_INFINITY;
    this.#due = this.#flight.hasAbandoned;
  }

  isDue(now: number, rttMs: number): boolean {
    return this.#due && now - this.#sentAt >= rttMs;
  }

  write(writer: PacketWriter, now: number, rttMs: number, supported: boolean): void {
    if (!supported || !this.isDue(now, rttMs)) return;
    const maxStreams = forwardTsnStreams(writer.room, this.#interleaving);
    // A SACK may have left nothing of the packet.
    if (maxStreams < 1) return;
    this.#due = false;
    const skipped = new SkipList(this.#interleaving, maxStreams);
    const cumulativeTsn = this.#skip(skipped);
    if (!isAfter(cumulativeTsn, this.#flight.cumulative)) return;
    this.#sentAt = now;
    const streams = skipped.list();
    writer.raw(writeForwardTsn({ cumulativeTsn, streams }, this.#interleaving));
  }

  /** @returns how far the remote may go on: a stream that is not named would wait for ever for what is skipped. */
  #skip(skipped: SkipList): number {
    const point = this.#flight.advancedPoint();
    let reached = this.#flight.cumulative;
    for (let index = 0; reached !== point; index += 1) {
      const chunk = this.#flight.at(index);
      if (chunk === undefined) break;
      if (chunk.state === chunkState.abandoned && !skipped.add(chunk.message)) break;
      reached = chunk.tsn;
    }
    return reached;
  }
}
