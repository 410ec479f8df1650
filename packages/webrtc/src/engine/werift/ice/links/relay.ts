import { openAllocation, stunErrorCode, type RelayServer } from "../../vendor.js";
import { canonicalAddress, type TransportAddress } from "../stun/address.js";
import type { Link } from "../agent/types.js";
import type { ReceiveDatagram } from "./udp.js";

/**
 * An allocation of a TURN server (RFC 8656). Rejects when there is none to be had.
 * @param refused is told the STUN error code when the server will not send to a peer, such as 403 (section 10.2).
 */
export async function openRelayLink(
  server: RelayServer,
  receive: ReceiveDatagram,
  refused: (errorCode: number) => void,
): Promise<Link> {
  const allocation = await openAllocation(server);
  let closed: Promise<void> | undefined;
  const link: Link = {
    kind: "relay",
    base: spelt(allocation.relayed),
    send: (datagram, to) => {
      if (closed !== undefined) return;
      const whole = datagram instanceof Uint8Array ? datagram : Buffer.concat(datagram);
      const { buffer, byteOffset, byteLength } = whole;
      allocation
        .send(Buffer.from(buffer, byteOffset, byteLength), [to.address, to.port])
        .catch((error: unknown) => {
          const code = stunErrorCode(error);
          if (code !== undefined) refused(code);
        });
    },
    close: () => {
      closed ??= allocation.close().catch(() => undefined);
      return closed;
    },
  };
  allocation.onData((datagram, from) => {
    if (closed === undefined) receive(link, datagram, spelt(from));
  });
  return link;
}

function spelt([host, port]: readonly [string, number]): TransportAddress {
  return { address: canonicalAddress(host) ?? host, port };
}
