import type { DtlsConnection } from "@conic/dtls";

/** What RTCDtlsTransport of werift 0.25.2 reads of its DTLS socket for its statistics. */
export interface DtlsFacade {
  readonly remoteCertificate: Buffer | undefined;
  readonly dtls: { readonly version: { readonly major: number; readonly minor: number } };
  readonly cipher: { readonly cipher: { readonly name: string | undefined } };
  readonly srtp: { readonly srtpProfile: number | undefined };
}

const dtls12 = { major: 254, minor: 253 } as const;

export function facadeOf(connection: DtlsConnection): DtlsFacade {
  return {
    remoteCertificate: connection.remoteCertificate,
    dtls: { version: dtls12 },
    cipher: { cipher: { name: connection.cipherSuite } },
    srtp: { srtpProfile: connection.srtpProfile },
  };
}
