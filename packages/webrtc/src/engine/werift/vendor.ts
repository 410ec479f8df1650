// The one file that imports werift. The version is pinned exactly: the guards beside this file reach into it.
import { isIPv6 } from "node:net";
import { TcpTransport, TlsTransport, TurnProtocol, UdpTransport } from "werift";
import type { RTCPeerConnection } from "werift";
import { hearRefusals } from "./ice/links/turn-guard.js";

export { RTCPeerConnection } from "werift";

export type WeriftPeer = RTCPeerConnection;
export type WeriftIce = RTCPeerConnection["iceTransports"][number];
export type WeriftDtlsTransport = RTCPeerConnection["dtlsTransports"][number];

export interface RelayServer {
  /** As it was configured. */
  readonly url: string;
  readonly address: readonly [host: string, port: number];
  readonly username: string;
  readonly password: string;
  readonly transport: "udp" | "tcp" | "tls";
}

/** An allocation of a TURN server, kept alive until it is closed. */
export interface Allocation {
  readonly relayed: readonly [host: string, port: number];
  send(datagram: Buffer, to: readonly [host: string, port: number]): Promise<void>;
  onData(listener: (datagram: Buffer, from: readonly [host: string, port: number]) => void): void;
  close(): Promise<void>;
}

/** The STUN error code of an answer that refused; undefined where no answer came. */
export function stunErrorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("response" in error)) return undefined;
  const response = error.response as StunResponse | undefined;
  const code: unknown = response?.getAttributeValue("ERROR-CODE")?.[0];
  return typeof code === "number" ? code : undefined;
}

/** Of werift's TransactionFailed, which it does not export. */
interface StunResponse {
  getAttributeValue(name: "ERROR-CODE"): readonly [code: number, reason: string] | undefined;
}

/** RFC 8656 section 3.2: what a server gives without being asked for more. */
const lifetimeS = 600;
const connectTimeoutMs = 8000;

function openTransport({ address: [host, port], transport }: RelayServer): Promise<TurnTransport> {
  switch (transport) {
    case "udp":
      return UdpTransport.init(isIPv6(host) ? "udp6" : "udp4");
    case "tcp":
      return TcpTransport.init([host, port], { connectTimeoutMs }).then(asTransport);
    case "tls":
      return TlsTransport.init([host, port], undefined, { connectTimeoutMs }).then(asTransport);
  }
}

type TurnTransport = ConstructorParameters<typeof TurnProtocol>[4];

/** Its own types fit each other only without exactOptionalPropertyTypes. */
function asTransport(transport: TcpTransport | TlsTransport): TurnTransport {
  return transport as TurnTransport;
}

export async function openAllocation(server: RelayServer): Promise<Allocation> {
  const { address, username, password } = server;
  const transport = await openTransport(server);
  const turn = new TurnProtocol([...address], username, password, lifetimeS, transport);
  hearRefusals(turn);
  try {
    await turn.connectionMade();
  } catch (error) {
    await turn.close().catch(() => undefined);
    throw error;
  }
  return {
    relayed: turn.relayedAddress,
    send: (datagram, to) => turn.sendData(datagram, to),
    onData: (listener) => {
      turn.onData.subscribe(listener);
    },
    close: () => turn.close(),
  };
}
