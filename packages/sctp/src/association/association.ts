import { ConicError } from "@conic/domain";
import { westwood } from "../congestion/westwood.js";
import { ChunkDispatcher } from "../control/chunk-dispatcher.js";
import { Handshake } from "../control/handshake.js";
import { MtuProbe } from "../control/mtu-probe.js";
import { Shutdown } from "../control/shutdown.js";
import type {
  AssociationEvents,
  AssociationOptions,
  AssociationState,
  AssociationStats,
  CongestionController,
  PathFacts,
  SendOptions,
} from "../options.js";
import { OutboundStream } from "../send/outbound.js";
import { RttEstimator } from "../send/rtt.js";
import { errorCause } from "../wire/constants.js";
import type { Init } from "../wire/chunks/init.js";
import { defaults } from "./defaults.js";
import { earliest } from "./earliest.js";
import { Established } from "./established.js";
import { PacketSender } from "./packet-sender.js";

const maxStreamId = 65_534;
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
  readonly #out: PacketSender;
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
  #established: Established | undefined;
  /** Kept when it is over: its last packet may have to be repeated. */
  #remote: Init | undefined;
  #isFlushing = false;
  #more = false;
  #now = 0;

  constructor(options: AssociationOptions, events: AssociationEvents) {
    this.#options = options;
    this.#events = events;
    this.#basePacketBytes = options.initialPacketBytes ?? defaults.initialPacketBytes;
    const localPort = options.localPort ?? defaults.port;
    const remotePort = options.remotePort ?? defaults.port;
    const tag = options.random32() >>> 0 || 1;
    this.#initialTsn = options.random32() >>> 0;
    this.#rtt = new RttEstimator(options.initialRttMs);
    this.#congestion = (options.congestion ?? westwood)(this.#basePacketBytes);
    this.#shutdown = new Shutdown(this.#rtt);
    this.#handshake = new Handshake({
      tag,
      initialTsn: this.#initialTsn,
      receiveWindow: options.receiveWindowBytes ?? defaults.receiveWindowBytes,
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
    this.#out = new PacketSender(
      { local: localPort, remote: remotePort },
      this.#basePacketBytes,
      {
        handshake: this.#handshake,
        dispatcher: this.#dispatcher,
        probe: this.#probe,
        shutdown: this.#shutdown,
        rtt: this.#rtt,
      },
      events,
    );
  }

  get state(): AssociationState {
    return this.#state;
  }

  /** SCTP port of the remote, when it is known later than this was made; before `connect`. */
  setRemotePort(port: number): void {
    this.#out.remotePort = port;
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
    if (this.#state === "closed" || this.#state === "closing") {
      throw new ConicError("closed", "the association is closed");
    }
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
    if (this.#established === undefined) stream.push(message);
    else this.#established.sender.push(message);
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
    if (this.#established === undefined) stream.clear(0);
    else this.#established.sender.discard(stream);
  }

  /** Ends these outgoing streams once all that was sent on them is delivered; `streamsClosed` follows. */
  resetStreams(streamIds: readonly number[], now: number): void {
    this.#now = now;
    for (const id of streamIds) {
      if (this.#state === "closed") return;
      const stream = this.#stream(id);
      if (stream.closing) continue;
      stream.closing = true;
      this.#established?.reset.close(stream);
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
      this.#out.sendHandshake();
      if (this.#established !== undefined) this.#sendBurst(this.#established, now);
    } finally {
      this.#isFlushing = false;
    }
    const drained = this.#established?.sender.takeDrained() ?? [];
    for (const { id } of drained) this.#events.drained(id);
  }

  /** When `advance` has to be called; undefined when nothing is due. */
  nextTimeout(): number | undefined {
    if (this.#state === "closed") return undefined;
    if (this.#more) return this.#now;
    return earliest(
      this.#handshake.nextTimeout,
      this.#established?.nextTimeout,
      this.#probe.nextTimeout,
      this.#shutdown.nextTimeout,
    );
  }

  /** Runs what is due, and flushes. */
  advance(now: number): void {
    this.#now = now;
    if (this.#state === "closed") return;
    this.#handshake.advance(now);
    this.#established?.sender.advance(now);
    this.#established?.reset.advance(now);
    this.#probe.advance(now);
    this.#shutdown.advance(now);
    const timeouts = this.#established?.sender.timeoutsInARow ?? 0;
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

  /** The path is another one: what was learnt of the old one is forgotten, and what it may have lost is tried again. */
  setPath({ maxPacketBytes, rttMs }: PathFacts, now: number): void {
    this.#now = now;
    this.#rtt.reset(rttMs);
    this.#established?.sender.onPathChange(now);
    this.#setPacketBytes(this.#basePacketBytes);
    this.#probe.reset(this.#basePacketBytes, maxPacketBytes);
    if (this.#state === "connected") this.#probe.start();
  }

  stats(): AssociationStats {
    return {
      packetsSent: this.#out.packetsSent,
      packetsReceived: this.#dispatcher.packetsReceived,
      packetsDiscarded: this.#dispatcher.packetsDiscarded,
      retransmissions: this.#established?.sender.retransmissions ?? 0,
      timeouts: this.#established?.sender.timeouts ?? 0,
      abandonedMessages: this.#established?.sender.abandonedMessages ?? 0,
      congestionWindow: this.#congestion.window,
      flightBytes: this.#established?.sender.flightBytes ?? 0,
      remoteWindow: this.#established?.sender.remoteWindow ?? 0,
      packetBytes: this.#out.packetBytes,
      smoothedRttMs: this.#rtt.smoothed,
      interleaving: this.#established?.interleaving ?? false,
    };
  }

  #parts(): ConstructorParameters<typeof ChunkDispatcher>[3] {
    return {
      handshake: this.#handshake,
      probe: this.#probe,
      shutdown: this.#shutdown,
      sender: () => this.#established?.sender,
      receiver: () => this.#established?.receiver,
      reset: () => this.#established?.reset,
      interleaving: () => this.#established?.interleaving ?? false,
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
    this.#established = new Established({
      options: this.#options,
      events: this.#events,
      remote,
      initialTsn: this.#initialTsn,
      basePacketBytes: this.#basePacketBytes,
      rtt: this.#rtt,
      congestion: this.#congestion,
      streams: this.#streams,
      resetStreams: (ids) => {
        this.resetStreams(ids, this.#now);
      },
    });
    this.#probe.start();
    this.#setState("connected");
  }

  /** The last packet of a shutdown was lost: the remote asks for it once more (RFC 9260 section 8.5.1). */
  #confirmShutdown(packet: Uint8Array): void {
    if (this.#remote === undefined || !this.#shutdown.isComplete) return;
    if (this.#dispatcher.isShutdownAck(packet)) this.#out.sendShutdownComplete(this.#remote);
  }

  #sendBurst(established: Established, now: number): void {
    if (established.sender.blackHole.isLikely) this.#fallBack();
    this.#more = this.#out.sendBurst(established, now);
    if (this.#shutdown.isComplete) this.#close();
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
    if (packetBytes === this.#out.packetBytes) return;
    this.#out.packetBytes = packetBytes;
    this.#congestion.onPacketBytes(packetBytes);
  }

  /** What fits every path is all that is still tried (RFC 8899 section 4.3). */
  #fallBack(): void {
    this.#probe.stop();
    this.#established?.sender.blackHole.reset();
    this.#setPacketBytes(this.#basePacketBytes);
  }

  #abort(reason: string, cause: number, error?: ConicError): void {
    if (this.#state === "closed") return;
    if (this.#established !== undefined && !this.#isFlushing) {
      this.#out.sendAbort(this.#established, cause, reason, this.#now);
    }
    this.#close(error);
  }

  #close(error?: ConicError): void {
    if (this.#state === "closed") return;
    this.#handshake.stop();
    this.#setState("closed", error);
    this.#streams.clear();
    this.#established = undefined;
  }

  #setState(state: AssociationState, error?: ConicError): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.state(state, error);
  }
}
