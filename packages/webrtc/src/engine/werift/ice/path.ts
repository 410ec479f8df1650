import type { Socket } from "node:dgram";
import type { WeriftIce, WeriftPath } from "../vendor.js";
import { isOwnAddress } from "./config.js";

export interface PathAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * The selected candidate pair as a way for datagrams: no promise, no event and no name lookup per datagram. One per
 * ICE transport, which outlives changes of the pair.
 */
export interface DatagramPath {
  /**
   * Sends one datagram, whole or as its parts in order. Dropped, as the network may, while {@link canSend} is false.
   * Never throws. The bytes must not change until the event loop's next turn.
   */
  send(datagram: Uint8Array | readonly Uint8Array[]): void;
  /** A pair is selected and the remote consents to receive (RFC 7675). */
  readonly canSend: boolean;
  /**
   * Takes every datagram received that is not STUN (RFC 7983), in order, in place of what werift does with them. The
   * listener owns the bytes. What it throws goes to the fault listener.
   */
  onDatagram(listener: (datagram: Buffer) => void): void;
  /** Another pair was selected, or the first one. */
  onPairChange(listener: () => void): void;
  onFault(listener: (error: unknown) => void): void;
  readonly remoteAddress: PathAddress | undefined;
  /** Base of the local candidate: where datagrams leave from. */
  readonly localAddress: PathAddress | undefined;
  /** Last measured round-trip time of the selected pair, in ms. */
  readonly rttMs: number | undefined;
  /** The remote address is one of this machine: datagrams of up to 64 KiB pass, none is lost on the way. */
  readonly isLocalMachine: boolean;
}

/** Asked of the kernel, which may give less (`net.core.rmem_max`). */
const socketBufferBytes = 4 * 1024 * 1024;

interface UdpTransport {
  readonly type: "udp";
  readonly socket: Socket;
  readonly closed: boolean;
  onData: (data: Buffer, address: readonly [string, number]) => void;
}

interface Protocol {
  readonly type: string;
  readonly transport?: UdpTransport;
  readonly localCandidate?: unknown;
}

interface ConnectionInternals {
  readonly protocols: readonly Protocol[];
  appendLocalCandidate(candidate: unknown): void;
  canSendApplicationData(): boolean;
}

const paths = new WeakMap<WeriftIce, Path>();

export function openPath(ice: WeriftIce): DatagramPath {
  const known = paths.get(ice);
  if (known !== undefined) return known;
  const path = new Path(ice);
  paths.set(ice, path);
  return path;
}

function udpOf(pair: WeriftPath): UdpTransport | undefined {
  const { type, transport } = pair.protocol as unknown as Protocol;
  return type === "stun" && transport?.type === "udp" ? transport : undefined;
}

/** A socket reports what it could not send through its callback; without one, it throws as an error event. */
function ignoreSendError(): void {
  // A datagram that was not sent is one that was lost.
}

class Path implements DatagramPath {
  readonly #ice: WeriftIce;
  readonly #adopted = new WeakSet<UdpTransport>();
  readonly #pairListeners: (() => void)[] = [];
  #onDatagram: ((datagram: Buffer) => void) | undefined;
  #onFault: (error: unknown) => void = () => undefined;
  #pair: WeriftPath | undefined;
  #isLocalMachine = false;

  constructor(ice: WeriftIce) {
    this.#ice = ice;
    const internals = ice.connection as unknown as ConnectionInternals;
    const append = internals.appendLocalCandidate.bind(ice.connection);
    internals.appendLocalCandidate = (candidate) => {
      this.#adoptSockets();
      append(candidate);
    };
    this.#adoptSockets();
    let nominated = ice.connection.nominated;
    Object.defineProperty(ice.connection, "nominated", {
      configurable: true,
      enumerable: true,
      get: () => nominated,
      set: (pair: WeriftPath | undefined) => {
        nominated = pair;
        if (pair !== undefined && pair !== this.#pair) this.#select(pair);
      },
    });
    if (nominated !== undefined) this.#select(nominated);
  }

  get canSend(): boolean {
    return (this.#ice.connection as unknown as ConnectionInternals).canSendApplicationData();
  }

  get remoteAddress(): PathAddress | undefined {
    const remote = this.#pair?.remoteCandidate;
    return remote === undefined ? undefined : { address: remote.host, port: remote.port };
  }

  get localAddress(): PathAddress | undefined {
    const local = this.#pair?.localCandidate;
    return local === undefined ? undefined : { address: local.host, port: local.port };
  }

  get rttMs(): number | undefined {
    const rtt = this.#pair?.rtt;
    return rtt === undefined ? undefined : rtt * 1000;
  }

  get isLocalMachine(): boolean {
    return this.#isLocalMachine;
  }

  send(datagram: Uint8Array | readonly Uint8Array[]): void {
    const { connection } = this.#ice;
    const pair = connection.nominated;
    if (pair === undefined || !this.canSend) return;
    const transport = udpOf(pair);
    if (transport === undefined) {
      const whole = datagram instanceof Uint8Array ? datagram : Buffer.concat(datagram);
      const { buffer, byteOffset, byteLength } = whole;
      connection.send(Buffer.from(buffer, byteOffset, byteLength)).catch(ignoreSendError);
      return;
    }
    if (transport.closed) return;
    const { host, port } = pair.remoteCandidate;
    try {
      transport.socket.send(datagram, port, host, ignoreSendError);
    } catch (error) {
      this.#onFault(error);
      return;
    }
    pair.packetsSent += 1;
    if (datagram instanceof Uint8Array) pair.bytesSent += datagram.byteLength;
    else for (const part of datagram) pair.bytesSent += part.byteLength;
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

  #select(pair: WeriftPath): void {
    this.#pair = pair;
    this.#isLocalMachine = isOwnAddress(pair.remoteCandidate.host);
    for (const listener of this.#pairListeners) this.#guarded(listener);
  }

  #adoptSockets(): void {
    const { protocols } = this.#ice.connection as unknown as ConnectionInternals;
    for (const { type, transport } of protocols) {
      if (type !== "stun" || transport?.type !== "udp" || this.#adopted.has(transport)) continue;
      this.#adopted.add(transport);
      askForBuffers(transport.socket);
      const onData = transport.onData;
      transport.onData = (data, address) => {
        // RFC 7983: STUN is 0 to 3.
        if (this.#onDatagram === undefined || (data[0] ?? 0) < 4) onData(data, address);
        else this.#receive(data, transport);
      };
    }
  }

  #receive(datagram: Buffer, from: UdpTransport): void {
    const pair = this.#pair;
    if (pair !== undefined && udpOf(pair) === from) {
      pair.packetsReceived += 1;
      pair.bytesReceived += datagram.byteLength;
    }
    this.#guarded(() => this.#onDatagram?.(datagram));
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onFault(error);
    }
  }
}

function askForBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(socketBufferBytes);
    socket.setSendBufferSize(socketBufferBytes);
  } catch {
    // The kernel's own size works too, at a lower rate.
  }
}
