import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { canonicalAddress, type TransportAddress } from "../stun/address.js";
import type { Link } from "../agent/types.js";

/** Asked of the kernel, which may give less (`net.core.rmem_max`). */
const socketBufferBytes = 4 * 1024 * 1024;

export type ReceiveDatagram = (link: Link, datagram: Buffer, from: TransportAddress) => void;

/**
 * A socket on one address of this host. Where that address is none of its own, such as the public one of a host behind
 * a one-to-one NAT, the socket listens on all and the candidate names the address all the same.
 */
export async function openUdpLink(address: string, receive: ReceiveDatagram): Promise<Link> {
  try {
    return await bind(address, address, receive);
  } catch {
    return bind(address, undefined, receive);
  }
}

async function bind(
  address: string,
  bound: string | undefined,
  receive: ReceiveDatagram,
): Promise<Link> {
  const family = isIPv6(address) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? "udp6" : "udp4",
    ipv6Only: family === 6,
    // Every address is a number already. The resolver would cost a turn of the event loop for each datagram.
    lookup: (hostname, _options, callback) => {
      callback(null, hostname, family);
    },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => {
      // One that could not be bound holds a descriptor all the same.
      socket.close();
      reject(error);
    });
    // Exclusive: a worker of a cluster must not share the port of another.
    socket.bind({ port: 0, exclusive: true, ...(bound === undefined ? {} : { address: bound }) });
    socket.once("listening", resolve);
    if (isListening(socket)) resolve();
  });
  socket.removeAllListeners("error");
  // What could not be sent is lost, as it may be anywhere on the way.
  socket.on("error", () => undefined);
  askForBuffers(socket);
  return new UdpLink(
    socket,
    { address: canonicalAddress(address) ?? address, port: socket.address().port },
    receive,
  );
}

/** With the lookup above, a socket listens before `bind` returns. */
function isListening(socket: Socket): boolean {
  try {
    return socket.address().port > 0;
  } catch {
    return false;
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

class UdpLink implements Link {
  readonly kind = "host";
  readonly base: TransportAddress;
  readonly #socket: Socket;
  #closed: Promise<void> | undefined;

  constructor(socket: Socket, base: TransportAddress, receive: ReceiveDatagram) {
    this.#socket = socket;
    this.base = base;
    const needsSpelling = base.address.includes(":");
    socket.on("message", (datagram: Buffer, from: RemoteInfo) => {
      if (this.#closed !== undefined) return;
      if (!needsSpelling) receive(this, datagram, from);
      else {
        const address = canonicalAddress(from.address) ?? from.address;
        receive(this, datagram, { address, port: from.port });
      }
    });
  }

  send(datagram: Uint8Array | readonly Uint8Array[], to: TransportAddress): void {
    if (this.#closed !== undefined) return;
    try {
      // Without a callback, the socket keeps what it cannot send to itself.
      this.#socket.send(datagram, to.port, to.address);
    } catch {
      // Too large for the socket, or port 0: lost.
    }
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#socket.close(resolve);
    });
    return this.#closed;
  }
}
