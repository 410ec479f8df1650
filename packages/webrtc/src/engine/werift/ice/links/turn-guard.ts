/** Parts of TurnProtocol of werift 0.25.2; `vendor.test` fails when a new version moves them. */
interface TurnInternals {
  /** Requests that wait for their response, by their id in hexadecimal digits. */
  readonly transactions: Record<string, { integrityKey?: unknown } | undefined>;
  handleSTUNMessage(datagram: Buffer, from: readonly [string, number]): void;
}

/**
 * werift drops each response without MESSAGE-INTEGRITY to a request that had it. A server that takes the credentials for
 * wrong (401), or the nonce for stale (438), cannot sign its answer, and RFC 8489 section 9.2.5 has the client take both
 * as they are: without that, wrong credentials look like a server that does not answer, and an allocation ends with its
 * nonce.
 */
export function hearRefusals(turn: object): void {
  const internals = turn as TurnInternals;
  const handle = internals.handleSTUNMessage.bind(turn);
  internals.handleSTUNMessage = (datagram, from) => {
    const code = errorCodeOf(datagram);
    if (code === 401 || code === 438) {
      const transaction = internals.transactions[datagram.toString("hex", 8, 20)];
      if (transaction !== undefined) transaction.integrityKey = undefined;
    }
    handle(datagram, from);
  };
}

const errorClass = 0x0110;
const errorCodeAttribute = 0x0009;

/** ERROR-CODE (RFC 8489 section 14.8) of an error response. */
function errorCodeOf(datagram: Buffer): number | undefined {
  if (datagram.length < 20 || (datagram.readUInt16BE(0) & errorClass) !== errorClass) {
    return undefined;
  }
  for (let at = 20; at + 8 <= datagram.length;) {
    const type = datagram.readUInt16BE(at);
    if (type === errorCodeAttribute) {
      return (datagram.readUInt8(at + 6) & 7) * 100 + datagram.readUInt8(at + 7);
    }
    at += 4 + Math.ceil(datagram.readUInt16BE(at + 2) / 4) * 4;
  }
  return undefined;
}
