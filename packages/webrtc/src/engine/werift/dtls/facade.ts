import type { DtlsConnection } from "@conic/dtls";

/** Keys of SRTP in both directions, as werift wants them. */
export interface SrtpKeys {
  readonly localKey: Buffer;
  readonly localSalt: Buffer;
  readonly remoteKey: Buffer;
  readonly remoteSalt: Buffer;
}

/** What RTCDtlsTransport of werift 0.25.2 reads of its DTLS socket: statistics and the keys of SRTP. */
export interface DtlsFacade {
  readonly remoteCertificate: Buffer | undefined;
  readonly dtls: { readonly version: { readonly major: number; readonly minor: number } };
  readonly cipher: { readonly cipher: { readonly name: string | undefined } };
  readonly srtp: { readonly srtpProfile: number | undefined };
  extractSessionKeys(keyBytes: number, saltBytes: number): SrtpKeys;
}

const dtls12 = { major: 254, minor: 253 } as const;

export function facadeOf(connection: DtlsConnection): DtlsFacade {
  return {
    remoteCertificate: connection.remoteCertificate,
    dtls: { version: dtls12 },
    cipher: { cipher: { name: connection.cipherSuite } },
    srtp: { srtpProfile: connection.srtpProfile },
    extractSessionKeys: (keyBytes, saltBytes) => srtpKeys(connection, keyBytes, saltBytes),
  };
}

/** RFC 5764 section 4.2: the keys of client and server, then their salts. */
function srtpKeys(connection: DtlsConnection, keyBytes: number, saltBytes: number): SrtpKeys {
  const material = connection.exportKeyingMaterial(
    "EXTRACTOR-dtls_srtp",
    2 * (keyBytes + saltBytes),
  );
  const part = (start: number, length: number): Buffer => material.subarray(start, start + length);
  const client = { key: part(0, keyBytes), salt: part(2 * keyBytes, saltBytes) };
  const server = { key: part(keyBytes, keyBytes), salt: part(2 * keyBytes + saltBytes, saltBytes) };
  const [local, remote] = connection.role === "client" ? [client, server] : [server, client];
  return {
    localKey: local.key,
    localSalt: local.salt,
    remoteKey: remote.key,
    remoteSalt: remote.salt,
  };
}
