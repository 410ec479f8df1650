// The one file that imports werift. The version is pinned exactly: the guards beside this file reach into it.
import { createTurnClient, type RTCPeerConnection } from "werift";

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

export async function openAllocation(server: RelayServer): Promise<Allocation> {
  const { address, username, password, transport } = server;
  const turn = await createTurnClient(
    { address: [...address], username, password },
    { transport, connectTimeoutMs: 8000 },
  );
  return {
    relayed: turn.relayedAddress,
    send: (datagram, to) => turn.sendData(datagram, to),
    onData: (listener) => {
      turn.onData.subscribe(listener);
    },
    close: () => turn.close(),
  };
}
