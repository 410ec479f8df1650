import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { RandomSource } from "./random.js";

/**
 * What a network does to a connection.
 * - `reset`: both ends are told by a reset.
 * - `half_open`: the near end is told; the far end stays open, and nobody reads or writes it.
 * - `stall`: nothing goes through for a while, then all of it.
 * - `dribble`: one byte in each TCP segment for a while.
 */
export type Fault = "reset" | "half_open" | "stall" | "dribble";

export interface ChaosOptions {
  readonly random: RandomSource;
  /** Every chunk is late by up to this; order is kept. Default 5. */
  readonly jitterMs?: number;
  /** A connection lives for up to this until something happens to it. Default 500. */
  readonly faultWithinMs?: number;
  /** How long a stall or a dribble lasts at most. Default 200. */
  readonly lastsMs?: number;
  /** Default: all. */
  readonly faults?: readonly Fault[];
}

/** A way to a server on which everything goes wrong. */
export interface ChaosProxy extends AsyncDisposable {
  readonly port: number;
  /** How often each fault has happened. */
  readonly happened: Readonly<Record<Fault, number>>;
  /** Nothing goes wrong from now on, but for connections that are half open already. */
  calm(): void;
}

type Mode = "flow" | "stall" | "dribble";

/** One direction: what `from` sends reaches `to` in order, whenever the network likes. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #lateMs: () => number;
  #mode: Mode = "flow";
  #chunks: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(from: Socket, to: Socket, lateMs: () => number) {
    this.#from = from;
    this.#to = to;
    this.#lateMs = lateMs;
    from.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      // What waits here is bounded, as it is in a network: the sender finds its socket full.
      if (this.#chunks.length >= 64) from.pause();
      this.#arm(lateMs());
    });
    from.on("end", () => {
      this.#ended = true;
      this.#arm(lateMs());
    });
  }

  enter(mode: Mode): void {
    this.#mode = mode;
    this.#arm(this.#lateMs());
  }

  stop(): void {
    this.#mode = "stall";
    clearTimeout(this.#timer);
    this.#chunks = [];
  }

  #arm(delayMs: number): void {
    if (this.#timer !== undefined || this.#mode === "stall") return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#mode === "dribble") this.#deliverByte();
      else if (this.#mode === "flow") this.#deliver(this.#chunks.splice(0));
    }, delayMs);
  }

  #deliverByte(): void {
    const first = this.#chunks.shift();
    if (first !== undefined && first.length > 1) this.#chunks.unshift(first.subarray(1));
    this.#deliver(first === undefined ? [] : [first.subarray(0, 1)]);
    if (this.#chunks.length > 0) this.#arm(0);
  }

  #deliver(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#to.write(chunk);
    if (this.#chunks.length > 0) return;
    if (this.#ended) this.#to.end();
    else this.#from.resume();
  }
}

/** A connection through the proxy, to which things happen. */
class Victim {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #lanes: readonly Lane[];
  #timer: NodeJS.Timeout | undefined;

  constructor(near: Socket, far: Socket, lateMs: () => number) {
    this.#near = near;
    this.#far = far;
    // Otherwise the kernel would put the single bytes together again.
    far.setNoDelay(true);
    near.setNoDelay(true);
    this.#lanes = [new Lane(near, far, lateMs), new Lane(far, near, lateMs)];
  }

  after(delayMs: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delayMs);
  }

  suffer(fault: Fault): void {
    if (fault === "stall" || fault === "dribble") {
      for (const lane of this.#lanes) lane.enter(fault);
      return;
    }
    for (const lane of this.#lanes) lane.stop();
    this.#near.resetAndDestroy();
    if (fault === "reset") this.#far.resetAndDestroy();
    else this.#far.pause();
  }

  recover(): void {
    for (const lane of this.#lanes) lane.enter("flow");
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const lane of this.#lanes) lane.stop();
    this.#near.destroy();
    this.#far.destroy();
  }
}

/** What happens to the connections of one proxy, and when. */
class Fate {
  readonly happened: Record<Fault, number> = { reset: 0, half_open: 0, stall: 0, dribble: 0 };
  calm = false;
  readonly #random: RandomSource;
  readonly #faults: readonly Fault[];
  readonly #withinMs: number;
  readonly #lastsMs: number;

  constructor({ random, faultWithinMs = 500, lastsMs = 200, faults }: ChaosOptions) {
    this.#random = random;
    this.#faults = faults ?? ["reset", "half_open", "stall", "dribble"];
    this.#withinMs = faultWithinMs;
    this.#lastsMs = lastsMs;
  }

  expose(victim: Victim): void {
    victim.after(this.#random() * this.#withinMs, () => {
      this.#strike(victim);
    });
  }

  #strike(victim: Victim): void {
    const fault = this.#faults[Math.floor(this.#random() * this.#faults.length)];
    if (this.calm || fault === undefined) return;
    this.happened[fault] += 1;
    victim.suffer(fault);
    if (fault === "reset" || fault === "half_open") return;
    victim.after(this.#random() * this.#lastsMs, () => {
      victim.recover();
      this.expose(victim);
    });
  }
}

/** A proxy in front of `targetPort` of the loopback, on a free port. */
export async function openChaosProxy(
  targetPort: number,
  options: ChaosOptions,
): Promise<ChaosProxy> {
  const { random, jitterMs = 5 } = options;
  const fate = new Fate(options);
  const victims = new Set<Victim>();
  const server = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    const victim = new Victim(near, far, () => random() * jitterMs);
    victims.add(victim);
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.once("close", () => {
      // Half open: the server does not hear of it.
      if (!far.isPaused()) far.destroy();
    });
    far.once("close", () => {
      victims.delete(victim);
      victim.end();
    });
    fate.expose(victim);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    happened: fate.happened,
    calm: () => {
      fate.calm = true;
    },
    [Symbol.asyncDispose]: async () => {
      fate.calm = true;
      const closed = once(server, "close");
      server.close();
      for (const victim of victims) victim.end();
      await closed;
    },
  };
}
