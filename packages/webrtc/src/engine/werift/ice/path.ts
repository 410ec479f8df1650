import type { IceAgent } from "./agent/agent.js";
import type { TransportAddress } from "./stun/address.js";
import type { WeriftIce } from "../vendor.js";

/**
 * The selected candidate pair as a way for datagrams: no promise, no event and no name lookup per datagram. One per
 * ICE transport, which outlives changes of the pair and ICE restarts.
 */
export interface DatagramPath {
  /**
   * Sends one datagram, whole or as its parts in order. Dropped, as the network may, while {@link canSend} is false.
   * Never throws. The bytes must not change afterwards: a socket that is busy sends them later.
   */
  send(datagram: Uint8Array | readonly Uint8Array[]): void;
  /** A pair is selected and the remote consents to receive (RFC 7675). */
  readonly canSend: boolean;
  /**
   * Takes every datagram of the remote that is not STUN (RFC 7983), in order, in place of what werift does with them.
   * The listener owns the bytes. What it throws goes to the fault listener.
   */
  onDatagram(listener: (datagram: Buffer) => void): void;
  /** Another pair was selected, or the first one. */
  onPairChange(listener: () => void): void;
  onFault(listener: (error: unknown) => void): void;
  readonly remoteAddress: TransportAddress | undefined;
  /** Base of the local candidate: where datagrams leave from. */
  readonly localAddress: TransportAddress | undefined;
  /** Last measured round-trip time of the selected pair, in ms. */
  readonly rttMs: number | undefined;
  /** The remote address is one of this machine: datagrams of up to 64 KiB pass, none is lost on the way. */
  readonly isLocalMachine: boolean;
}

const paths = new WeakMap<WeriftIce, Path>();

/** @throws RangeError for a transport that has not got our ICE agent. */
export function openPath(ice: WeriftIce): DatagramPath {
  const path = paths.get(ice);
  if (path === undefined) throw new RangeError("a transport of another connection");
  return path;
}

export class Path implements DatagramPath {
  readonly #agent: IceAgent;
  readonly #pairListeners: (() => void)[] = [];
  #onDatagram: ((datagram: Buffer) => void) | undefined;
  #onFault: (error: unknown) => void = () => undefined;
  #isLocalMachine = false;

  constructor(ice: WeriftIce, agent: IceAgent) {
    this.#agent = agent;
    paths.set(ice, this);
  }

  get canSend(): boolean {
    return this.#agent.canSend;
  }

  get remoteAddress(): TransportAddress | undefined {
    const remote = this.#agent.selected?.remote;
    return remote === undefined ? undefined : { address: remote.address, port: remote.port };
  }

  get localAddress(): TransportAddress | undefined {
    return this.#agent.selected?.link.base;
  }

  get rttMs(): number | undefined {
    return this.#agent.selected?.rttMs;
  }

  get isLocalMachine(): boolean {
    return this.#isLocalMachine;
  }

  send(datagram: Uint8Array | readonly Uint8Array[]): void {
    this.#agent.send(datagram);
  }

  onDatagram(listener: (datagram: Buffer) => void): void {
    this.#onDatagram = listener;
  }

  onPairChange(listener: () => void): void {
    this.#pairListeners.push(listener);
  }

  onFault(listener: (error: unknown) => void): void {
    this.#onFault = listener;
  }

  /** The agent sends over another pair from now on. */
  select(isLocalMachine: boolean): void {
    this.#isLocalMachine = isLocalMachine;
    for (const listener of this.#pairListeners) this.#guarded(listener);
  }

  /** False while there is no listener: whoever else wants it may have it. */
  deliver(datagram: Buffer): boolean {
    const listener = this.#onDatagram;
    if (listener === undefined) return false;
    try {
      listener(datagram);
    } catch (error) {
      this.#onFault(error);
    }
    return true;
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onFault(error);
    }
  }
}
