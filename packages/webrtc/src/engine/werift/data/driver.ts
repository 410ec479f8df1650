import { randomInt } from "node:crypto";
import { ConicError, type Clock } from "@conic/domain";
import {
  Association,
  DataChannels,
  type AssociationState,
  type ChannelInit,
  type ChannelRole,
  type PathFacts,
  type SctpChannel,
} from "@conic/sctp";

/** The way below: DTLS, which may be there later than the association. */
export interface PacketCarrier {
  /** The packet is written over after the call. */
  send(packet: Uint8Array): void;
}

export interface DriverOptions {
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  readonly carrier: PacketCarrier;
  readonly state: (state: AssociationState, error?: ConicError) => void;
  readonly channel: (channel: SctpChannel) => void;
  readonly fault: (error: ConicError) => void;
  /** After packets of the remote were taken in. */
  readonly progress: () => void;
}

function random32(): number {
  return randomInt(0x1_0000_0000);
}

/**
 * Runs an association in real time. What is sent in one turn leaves together at its end; what arrives in one turn
 * is acknowledged together when the sockets have been read.
 */
export class AssociationDriver {
  readonly #options: DriverOptions;
  readonly #channels: DataChannels<Association>;
  #microtask = false;
  #immediate: NodeJS.Immediate | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #cancelStart: (() => void) | undefined;
  #closed = false;

  constructor(options: DriverOptions, localPort: number) {
    this.#options = options;
    this.#channels = new DataChannels(
      (events) =>
        new Association(
          {
            random32,
            localPort,
            maxMessageBytes: options.maxMessageBytes,
          },
          events,
        ),
      {},
      {
        packet: (packet) => {
          options.carrier.send(packet);
        },
        state: (state, error) => {
          options.state(state, error);
        },
        channel: (channel) => {
          options.channel(channel);
        },
        fault: (error) => {
          options.fault(error);
        },
      },
    );
  }

  get association(): Association {
    return this.#channels.association;
  }

  /** @param awaitMs - How long to wait for the remote to start before this side does. */
  start(role: ChannelRole, path: PathFacts, awaitMs: number): void {
    const { clock } = this.#options;
    this.#channels.setRole(role, clock.now());
    this.onPath(path);
    if (awaitMs === 0) {
      this.#connect();
      return;
    }
    this.#cancelStart = clock.schedule(awaitMs, () => {
      if (this.association.state === "new") this.#connect();
    });
  }

  /** The first path, or another one. */
  onPath(path: PathFacts): void {
    if (this.#closed) return;
    this.association.setPath(path, this.#options.clock.now());
    this.#flushSoon();
  }

  receive(packet: Uint8Array): void {
    if (this.#closed) return;
    this.#channels.receive(packet, this.#options.clock.now());
    this.#options.progress();
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#run();
    });
  }

  open(init: ChannelInit): SctpChannel {
    const channel = this.#channels.open(init, this.#options.clock.now());
    this.#flushSoon();
    return channel;
  }

  wake(): void {
    this.#flushSoon();
  }

  /** Tells the remote, and stops. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#cancelTimer?.();
    this.#cancelStart?.();
    this.association.abort(this.#options.clock.now());
  }

  #connect(): void {
    if (this.#closed) return;
    this.#channels.connect(this.#options.clock.now());
    this.#arm();
  }

  #flushSoon(): void {
    if (this.#microtask) return;
    this.#microtask = true;
    queueMicrotask(() => {
      this.#microtask = false;
      this.#run();
    });
  }

  #run(): void {
    if (this.#closed) return;
    this.#channels.flush(this.#options.clock.now());
    this.#arm();
  }

  /** One timer: it is set anew only for something earlier, and looks again when it rings too early. */
  #arm(): void {
    const at = this.#closed ? undefined : this.#channels.nextTimeout();
    if (at === undefined) return;
    const { clock } = this.#options;
    const delayMs = at - clock.now();
    if (delayMs <= 0) {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined;
        this.#advance();
      });
      return;
    }
    if (at >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = clock.schedule(Math.ceil(delayMs), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#cancelTimer = undefined;
      this.#advance();
    });
  }

  #advance(): void {
    if (this.#closed) return;
    const now = this.#options.clock.now();
    const at = this.#channels.nextTimeout();
    if (at !== undefined && at <= now) {
      this.#channels.advance(now);
      this.#options.progress();
    }
    // Packets that came while this turn was waited for are answered in it.
    this.#run();
  }
}
