import type { ChunkDispatcher } from "../control/chunk-dispatcher.js";
import type { Handshake } from "../control/handshake.js";
import type { MtuProbe } from "../control/mtu-probe.js";
import type { Shutdown } from "../control/shutdown.js";
import type { AssociationEvents } from "../options.js";
import type { RttEstimator } from "../send/rtt.js";
import { chunkType, errorCause } from "../wire/constants.js";
import type { Init } from "../wire/chunks/init.js";
import { PacketWriter } from "../wire/packet-writer.js";
import { writeChunk, writeParameter } from "../wire/parameters.js";
import type { Established } from "./established.js";

/** Packets in one go: more would only fill the buffers of the socket, and starve what else the process does. */
const maxBurstPackets = 64;
const maxReasonBytes = 512;

export interface PacketSources {
  readonly handshake: Handshake;
  readonly dispatcher: ChunkDispatcher;
  readonly probe: MtuProbe;
  readonly shutdown: Shutdown;
  readonly rtt: RttEstimator;
}

/** Makes packets of what the parts of an association have to send. */
export class PacketSender {
  readonly #writer: PacketWriter;
  readonly #sources: PacketSources;
  readonly #events: Pick<AssociationEvents, "packet">;
  packetsSent = 0;

  constructor(
    ports: { readonly local: number; readonly remote: number },
    packetBytes: number,
    sources: PacketSources,
    events: Pick<AssociationEvents, "packet">,
  ) {
    this.#writer = new PacketWriter(ports.local, ports.remote, packetBytes);
    this.#sources = sources;
    this.#events = events;
  }

  /** Largest packet. */
  get packetBytes(): number {
    return this.#writer.limit;
  }

  set packetBytes(bytes: number) {
    this.#writer.limit = bytes;
  }

  set remotePort(port: number) {
    this.#writer.destinationPort = port;
  }

  sendHandshake(): void {
    for (const { tag, chunk } of this.#sources.handshake.take()) {
      this.#writer.raw(chunk);
      this.#send(this.#writer.finish(tag, true));
    }
  }

  /**
   * Sends a burst of what is due and what the windows allow.
   * @returns whether there is more.
   */
  sendBurst(established: Established, now: number): boolean {
    this.#sendProbe(established.remote, now);
    for (let packets = 0; packets < maxBurstPackets; packets += 1) {
      if (!this.#sendPacket(established, now)) return false;
    }
    return established.sender.mayWrite(now);
  }

  sendShutdownComplete(remote: Init): void {
    this.#writer.raw(writeChunk(chunkType.shutdownComplete, 0));
    this.#finish(remote);
  }

  /** What the remote asked for in this turn is answered before: a stream that it closed is closed in good order. */
  sendAbort(established: Established, cause: number, reason: string, now: number): void {
    if (cause === errorCause.userInitiated) this.#writeControl(established, now);
    const text = new TextEncoder().encode(reason).subarray(0, maxReasonBytes);
    this.#writeWhole(writeChunk(chunkType.abort, 0, writeParameter(cause, text)), established);
    this.#finish(established.remote);
  }

  /** @returns whether a packet was sent. */
  #sendPacket(established: Established, now: number): boolean {
    const writer = this.#writer;
    const { sender, receiver } = established;
    const mayWrite = this.#sources.shutdown.allowsData && sender.mayWrite(now);
    if (receiver.isSackDue(now) || (mayWrite && receiver.hasNews)) receiver.writeSack(writer);
    this.#writeControl(established, now);
    if (mayWrite) sender.write(writer, now);
    if (writer.isEmpty) return false;
    this.#finish(established.remote);
    return !this.#sources.shutdown.isComplete;
  }

  #writeControl(established: Established, now: number): void {
    for (const chunk of this.#controlChunks(established, now)) this.#writeWhole(chunk, established);
  }

  /** A chunk that does not fit begins the next packet. */
  #writeWhole(chunk: Uint8Array, established: Established): void {
    const writer = this.#writer;
    if (chunk.length > writer.room && !writer.isEmpty) this.#finish(established.remote);
    writer.raw(chunk);
  }

  #controlChunks(established: Established, now: number): readonly Uint8Array[] {
    const { dispatcher, shutdown } = this.#sources;
    const answers = dispatcher.takeAnswers();
    const resets = established.reset.take(now);
    const { cumulativeTsn } = established.receiver;
    const ends = shutdown.take(now, established.isIdle, cumulativeTsn);
    if (answers.length === 0 && resets.length === 0 && ends.length === 0) return answers;
    return [...answers, ...resets, ...ends];
  }

  #sendProbe(remote: Init, now: number): void {
    const { probe, rtt } = this.#sources;
    const bytes = probe.dueBytes;
    if (bytes === 0) return;
    this.#writer.overreach(bytes);
    probe.write(this.#writer, now, rtt.smoothed);
    this.#finish(remote);
  }

  #finish(remote: Init): void {
    this.#send(this.#writer.finish(remote.tag, !remote.features.zeroChecksum));
  }

  #send(packet: Uint8Array): void {
    this.packetsSent += 1;
    this.#events.packet(packet);
  }
}
