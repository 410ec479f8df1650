import { ConicError } from "@conic/domain";
import { westwood } from "../congestion/westwood.js";
import { ChunkDispatcher } from "../control/chunk-dispatcher.js";
import { Handshake } from "../control/handshake.js";
import { MtuProbe } from "../control/mtu-probe.js";
import { Shutdown } from "../control/shutdown.js";
import { StreamReset } from "../control/stream-reset.js";
import type {
  AssociationEvents,
  AssociationOptions,
  AssociationState,
  AssociationStats,
  CongestionController,
  SendOptions,
} from "../options.js";
import { Receiver } from "../receive/receiver.js";
import { OutboundStream } from "../send/outbound.js";
import { RttEstimator } from "../send/rtt.js";
import { Sender } from "../send/sender.js";
import { chunkType, errorCause } from "../wire/constants.js";
import type { Init } from "../wire/init.js";
import { PacketWriter } from "../wire/packet-writer.js";
import { writeChunk, writeParameter } from "../wire/parameters.js";

const defaultPort = 5_000;
const basePacketBytes = 1_188;
const defaultMessageBytes = 262_144;
const defaultWindowBytes = 4 * 1024 * 1024;
const maxStreamId = 65_534;
/** Packets in one go: more would only fill the buffers of the socket, and starve what else the process does. */
const maxBurstPackets = 64;
/** Timeouts in a row, half a minute of silence, after which the remote counts as gone. */
const maxTimeouts = 12;
/** Timeouts in a row after which large packets count as what does not get through. */
const blackHoleTimeouts = 3;

/**
 * One SCTP association (RFC 9260) over DTLS (RFC 8261), without input or output of its own: packets and the time go
 * in, packets and events come out. All times are ms of one clock that never goes back.
 *
 * After `receive` and `send`, `flush` sends what is to be sent; `advance` has to be called at `nextTimeout()`.
 */
export class Association {
  readonly #options: AssociationOptions;
  readonly #events: AssociationEvents;
  readonly #writer: PacketWriter;
  readonly #rtt: RttEstimator;
  readonly #congestion: CongestionController;
  readonly #handshake: Handshake;
  readonly #dispatcher: ChunkDispatcher;
  readonly #probe: MtuProbe;
  readonly #shutdown: Shutdown;
  readonly #streams = new Map<number, OutboundStream>();
  readonly #basePacketBytes: number;
  readonly #initialTsn: number;
  #state: AssociationState = "new";
  #sender: Sender | undefined;
  #receiver: Receiver | undefined;
  #reset: StreamReset | undefined;
  #remote: Init | undefined;
  #packetsSent = 0;
  #isFlushing = false;
  #more = false;
  #now = 0;

  constructor(options: AssociationOptions, events: AssociationEvents) {
    this.#options = options;
    this.#events = events;
    this.#basePacketBytes = options.initialPacketBytes ?? basePacketBytes;
    const localPort = options.localPort ?? defaultPort;
    const remotePort = options.remotePort ?? defaultPort;
    const tag = options.random32() >>> 0 || 1;
    this.#initialTsn = options.random32() >>> 0;
    this.#writer = new PacketWriter(localPort, remotePort, this.#basePacketBytes);
    this.#rtt = new RttEstimator(options.initialRttMs);
    this.#congestion = (options.congestion ?? westwood)(this.#basePacketBytes);
    this.#shutdown = new Shutdown(this.#rtt);
    this.#handshake = new Handshake({
      tag,
      initialTsn: this.#initialTsn,
      receiveWindow: options.receiveWindowBytes ?? defaultWindowBytes,
      features: {
        partialReliability: true,
        reconfiguration: true,
        interleaving: options.interleaving ?? true,
        zeroChecksum: true,
      },
      random32: options.random32,
      rtt: this.#rtt,
      established: (remote) => {
        this.#onEstablished(remote);
      },
    });
    this.#probe = new MtuProbe(
      this.#basePacketBytes,
      options.maxPacketBytes ?? this.#basePacketBytes,
      options.random32,
      (found) => {
        this.#setPacketBytes(found);
      },
    );
    this.#dispatcher = new ChunkDispatcher(localPort, remotePort, tag, this.#parts(), events);
  }

  get state(): AssociationState {
    return this.#state;
  }

  /** SCTP port of the remote, when it is known later than this was made; before `connect`. */
  setRemotePort(port: number): void {
    this.#writer.destinationPort = port;
    this.#dispatcher.remotePort = port;
  }

  /** Sends INIT. Both sides may, or one. */
  connect(now: number): void {
    this.#now = now;
    if (this.#state !== "new") return;
    this.#handshake.start(now);
    this.#setState("connecting");
    this.flush(now);
  }

  /** Takes in one packet: any bytes. Views of it may be handed out with messages. */
  receive(packet: Uint8Array, now: number): void {
    this.#now = now;
    if (this.#state === "closed") {
      this.#confirmShutdown(packet);
      return;
    }
    try {
      this.#dispatcher.receive(packet, now);
    } catch (error) {
      const reason = ConicError.from(error, "internal");
      this.#abort(reason.message, errorCause.protocolViolation, reason);
    }
  }

  /**
   * Queues one message, which belongs to the association from now on.
   * @throws ConicError `closed`, `invalid_argument` for an empty one or a stream id above 65,534.
   */
  send(streamId: number, data: Uint8Array, options: SendOptions, now: number): void {
    this.#assertOpen();
    if (data.length === 0) {
      throw new ConicError("invalid_argument", "SCTP has no empty messages: send one byte instead");
    }
    const stream = this.#stream(streamId);
    if (stream.closing) throw new ConicError("closed", `stream ${streamId} is being reset`);
    const { maxLifetimeMs, maxRetransmits } = options;
    const message = {
      stream,
      data,
      ppid: options.ppid,
      unordered: options.unordered === true,
      maxRetransmits: maxRetransmits ?? Number.POSITIVE_INFINITY,
      expiresAt: maxLifetimeMs === undefined ? Number.POSITIVE_INFINITY : now + maxLifetimeMs,
      sentBytes: 0,
      fragments: 0,
      number: 0,
      firstTsn: 0,
      abandoned: false,
    };
    if (this.#sender === undefined) stream.push(message);
    else this.#sender.push(message);
  }

  /** Bytes that were handed in for this stream and have not been on the wire. */
  bufferedAmount(streamId: number): number {
    return this.#streams.get(streamId)?.bufferedBytes ?? 0;
  }

  /** Whether all that was sent on this stream is acknowledged, or was given up. */
  isFlushed(streamId: number): boolean {
    return this.#streams.get(streamId)?.isFlushed ?? true;
  }

  /** Drops what was handed in for this stream and has not been on the wire at all. */
  discard(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    if (this.#sender === undefined) stream.clear(0);
    else this.#sender.discard(stream);
  }

  /** Ends these outgoing streams once all that was sent on them is delivered; `streamsClosed` follows. */
  resetStreams(streamIds: readonly number[], now: number): void {
    this.#now = now;
    for (const id of streamIds) {
      if (this.#state === "closed") return;
      const stream = this.#stream(id);
      if (stream.closing) continue;
      stream.closing = true;
      this.#reset?.close(stream);
    }
  }

  /** Weight of a stream among the others (RFC 8831 section 6.4): 256 is normal, twice that gets twice as much. */
  setPriority(streamId: number, priority: number): void {
    this.#stream(streamId).priority = Math.min(Math.max(priority, 1), 65_535);
  }

  /** Sends what may be sent: at most a burst, `nextTimeout()` tells when there is more. */
  flush(now: number): void {
    this.#now = now;
    if (this.#isFlushing || this.#state === "closed") return;
    this.#isFlushing = true;
    try {
      this.#sendHandshake();
      if (this.#sender !== undefined) this.#sendPackets(now);
    } finally {
      this.#isFlushing = false;
    }
    for (const stream of this.#sender?.takeDrained() ?? []) this.#events.drained(stream.id);
  }

  /** When `advance` has to be called; undefined when nothing is due. */
  nextTimeout(): number | undefined {
    if (this.#state === "closed") return undefined;
    if (this.#more) return this.#now;
    let earliest = this.#handshake.nextTimeout;
    for (const at of [
      this.#sender?.nextTimeout,
      this.#receiver?.sackAt,
      this.#reset?.nextTimeout,
      this.#probe.nextTimeout,
      this.#shutdown.nextTimeout,
    ]) {
      if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
    }
    return earliest;
  }

  /** Runs what is due, and flushes. */
  advance(now: number): void {
    this.#now = now;
    if (this.#state === "closed") return;
    this.#handshake.advance(now);
    this.#sender?.advance(now);
    this.#reset?.advance(now);
    this.#probe.advance(now);
    this.#shutdown.advance(now);
    const timeouts = this.#sender?.timeoutsInARow ?? 0;
    if (timeouts >= blackHoleTimeouts) this.#fallBack();
    if (this.#handshake.hasFailed || timeouts > maxTimeouts || this.#shutdown.hasFailed) {
      // Only its last word is missing when both sides have said that they are done.
      const isAgreed = this.#shutdown.isAgreed;
      this.#close(isAgreed ? undefined : new ConicError("timeout", "the remote does not answer"));
      return;
    }
    this.flush(now);
  }

  /** Closes in an orderly way: what was sent is delivered first. */
  shutdown(now: number): void {
    this.#now = now;
    if (this.#state === "connected") {
      this.#setState("closing");
      this.#shutdown.start();
    } else if (this.#state !== "closing") {
      this.#close();
    }
  }

  /** Closes at once and tells the remote. */
  abort(now: number, reason = ""): void {
    this.#now = now;
    this.#abort(reason, errorCause.userInitiated);
  }

  /** The path is another one, which carries packets up to this size: what was learnt of the old one is forgotten. */
  setMaxPacketBytes(packetBytes: number, now: number): void {
    this.#now = now;
    this.#rtt.reset();
    this.#sender?.onPathChange(now);
    this.#setPacketBytes(this.#basePacketBytes);
    this.#probe.reset(this.#basePacketBytes, packetBytes);
    if (this.#state === "connected") this.#probe.start();
  }

  stats(): AssociationStats {
    return {
      packetsSent: this.#packetsSent,
      packetsReceived: this.#dispatcher.packetsReceived,
      packetsDiscarded: this.#dispatcher.packetsDiscarded,
      retransmissions: this.#sender?.retransmissions ?? 0,
      timeouts: this.#sender?.timeouts ?? 0,
      abandonedMessages: this.#sender?.abandonedMessages ?? 0,
      congestionWindow: this.#congestion.window,
      flightBytes: this.#sender?.flightBytes ?? 0,
      remoteWindow: this.#sender?.remoteWindow ?? 0,
      packetBytes: this.#writer.limit,
      smoothedRttMs: this.#rtt.smoothed,
      interleaving: this.#isInterleaving,
    };
  }

  get #isInterleaving(): boolean {
    return (this.#options.interleaving ?? true) && this.#remote?.features.interleaving === true;
  }

  #parts(): ConstructorParameters<typeof ChunkDispatcher>[3] {
    return {
      handshake: this.#handshake,
      probe: this.#probe,
      shutdown: this.#shutdown,
      sender: () => this.#sender,
      receiver: () => this.#receiver,
      reset: () => this.#reset,
      interleaving: () => this.#isInterleaving,
      remoteTag: () => this.#remote?.tag,
      onAborted: (reason) => {
        this.#close(new ConicError("closed", `the remote ended the association: ${reason}`));
      },
      onShutdown: () => {
        if (this.#state === "connected") this.#setState("closing");
      },
      onShutdownComplete: () => {
        this.#close();
      },
    };
  }

  #onEstablished(remote: Init): void {
    this.#remote = remote;
    const initialTsn = this.#initialTsn;
    this.#sender = new Sender({
      initialTsn,
      remoteWindow: remote.receiveWindow,
      interleaving: this.#isInterleaving,
      partialReliability: remote.features.partialReliability,
      basePacketBytes: this.#basePacketBytes,
      congestion: this.#congestion,
      rtt: this.#rtt,
    });
    for (const stream of this.#streams.values()) this.#sender.adopt(stream);
    this.#receiver = new Receiver(
      {
        initialTsn: remote.initialTsn,
        interleaving: this.#isInterleaving,
        maxMessageBytes: this.#options.maxMessageBytes ?? defaultMessageBytes,
        windowBytes: this.#options.receiveWindowBytes ?? defaultWindowBytes,
      },
      ({ streamId, ppid, data }) => {
        this.#events.message(streamId, ppid, data);
      },
    );
    this.#reset = this.#newReset(initialTsn, remote, this.#sender, this.#receiver);
    this.#probe.start();
    this.#setState("connected");
  }

  #newReset(initialTsn: number, remote: Init, sender: Sender, receiver: Receiver): StreamReset {
    const reset = new StreamReset({
      initialTsn,
      remoteInitialTsn: remote.initialTsn,
      rtt: this.#rtt,
      lastTsn: () => sender.lastTsn,
      remoteCumulativeTsn: () => receiver.cumulativeTsn,
      onRemoteReset: (ids) => {
        this.#events.streamsReset(receiver.resetStreams(ids));
      },
      onResetAsked: (ids) => {
        this.resetStreams(ids.length === 0 ? [...this.#streams.keys()] : ids, this.#now);
      },
      onConfirmed: (streams) => {
        for (const stream of streams) this.#streams.delete(stream.id);
        this.#events.streamsClosed(streams.map(({ id }) => id));
      },
      isSupported: remote.features.reconfiguration,
      onClosedAlone: (streams) => {
        // Numbers go on, as those of the remote do.
        for (const stream of streams) stream.closing = false;
        this.#events.streamsClosed(streams.map(({ id }) => id));
        this.#events.streamsReset(streams.map(({ id }) => id));
      },
    });
    for (const stream of this.#streams.values()) if (stream.closing) reset.close(stream);
    return reset;
  }

  /** The last packet of a shutdown was lost: the remote asks for it once more (RFC 9260 section 8.5.1). */
  #confirmShutdown(packet: Uint8Array): void {
    if (!this.#shutdown.isComplete || !this.#dispatcher.isShutdownAck(packet)) return;
    this.#writer.raw(writeChunk(chunkType.shutdownComplete, 0));
    this.#finish();
  }

  #sendHandshake(): void {
    for (const { tag, chunk } of this.#handshake.take()) {
      this.#writer.raw(chunk);
      this.#emit(this.#writer.finish(tag, true));
    }
  }

  #sendPackets(now: number): void {
    this.#more = false;
    if (this.#sender?.seesBlackHole === true) this.#fallBack();
    this.#sendProbe(now);
    for (let packets = 0; packets < maxBurstPackets; packets += 1) {
      if (!this.#sendPacket(now)) return;
    }
    this.#more = this.#sender?.mayWrite(now) === true;
  }

  /** @returns whether a packet was sent. */
  #sendPacket(now: number): boolean {
    const writer = this.#writer;
    const sender = this.#sender;
    const receiver = this.#receiver;
    if (sender === undefined || receiver === undefined) return false;
    const mayWrite = this.#shutdown.allowsData && sender.mayWrite(now);
    if (receiver.isSackDue(now) || (mayWrite && receiver.hasNews)) receiver.writeSack(writer);
    for (const chunk of this.#controlChunks(now, sender, receiver)) {
      if (chunk.length > writer.room && !writer.isEmpty) this.#finish();
      writer.raw(chunk);
    }
    if (mayWrite) sender.write(writer, now);
    if (writer.isEmpty) return false;
    this.#finish();
    if (this.#shutdown.isComplete) this.#close();
    return true;
  }

  #controlChunks(now: number, sender: Sender, receiver: Receiver): readonly Uint8Array[] {
    const answers = this.#dispatcher.takeAnswers();
    const resets = this.#reset?.take(now) ?? [];
    const isIdle = sender.isIdle && this.#reset?.isIdle !== false;
    const shutdown = this.#shutdown.take(now, isIdle, receiver.cumulativeTsn);
    if (answers.length === 0 && resets.length === 0 && shutdown.length === 0) return answers;
    return [...answers, ...resets, ...shutdown];
  }

  #sendProbe(now: number): void {
    const bytes = this.#probe.dueBytes;
    if (bytes === 0) return;
    this.#writer.overreach(bytes);
    this.#probe.write(this.#writer, now, this.#rtt.smoothed);
    this.#finish();
  }

  #finish(): void {
    const { remote } = { remote: this.#remote };
    if (remote === undefined) return;
    this.#emit(this.#writer.finish(remote.tag, !remote.features.zeroChecksum));
  }

  #emit(packet: Uint8Array): void {
    this.#packetsSent += 1;
    this.#events.packet(packet);
  }

  #stream(id: number): OutboundStream {
    const known = this.#streams.get(id);
    if (known !== undefined) return known;
    if (!Number.isInteger(id) || id < 0 || id > maxStreamId) {
      throw new ConicError("invalid_argument", `${id} is no stream id: 0 to ${maxStreamId}`);
    }
    const stream = new OutboundStream(id);
    this.#streams.set(id, stream);
    return stream;
  }

  #setPacketBytes(packetBytes: number): void {
    if (packetBytes === this.#writer.limit) return;
    this.#writer.limit = packetBytes;
    this.#congestion.onPacketBytes(packetBytes);
  }

  /** What fits every path is all that is still tried (RFC 8899 section 4.3). */
  #fallBack(): void {
    this.#probe.stop();
    this.#sender?.onFallBack();
    this.#setPacketBytes(this.#basePacketBytes);
  }

  #assertOpen(): void {
    if (this.#state === "closed" || this.#state === "closing") {
      throw new ConicError("closed", "the association is closed");
    }
  }

  #abort(reason: string, cause: number, error?: ConicError): void {
    if (this.#state === "closed") return;
    if (this.#remote !== undefined && !this.#isFlushing) {
      const text = new TextEncoder().encode(reason).subarray(0, 512);
      this.#writer.raw(writeChunk(chunkType.abort, 0, writeParameter(cause, text)));
      this.#finish();
    }
    this.#close(error);
  }

  #close(error?: ConicError): void {
    if (this.#state === "closed") return;
    this.#handshake.stop();
    this.#setState("closed", error);
    this.#streams.clear();
    this.#sender = undefined;
    this.#receiver = undefined;
    this.#reset = undefined;
  }

  #setState(state: AssociationState, error?: ConicError): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.state(state, error);
  }
}
