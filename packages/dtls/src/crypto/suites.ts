/** A cipher suite of TLS 1.2: always ECDHE and an AEAD. */
export interface CipherSuite {
  readonly id: number;
  /** Name in the IANA registry. */
  readonly name: string;
  /** Kind of key in the certificate of the server. */
  readonly signature: "ec" | "rsa";
  readonly cipher: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
  /** Of the pseudorandom function and the Finished messages. */
  readonly hash: "sha256" | "sha384";
  readonly keyBytes: number;
  /** Of the secret part of the nonce. */
  readonly fixedIvBytes: number;
  /** Of the part of the nonce that each record carries. */
  readonly explicitNonceBytes: number;
}

const gcm = { fixedIvBytes: 4, explicitNonceBytes: 8 } as const;
const aes128 = { cipher: "aes-128-gcm", hash: "sha256", keyBytes: 16, ...gcm } as const;
const aes256 = { cipher: "aes-256-gcm", hash: "sha384", keyBytes: 32, ...gcm } as const;
// RFC 7905: the whole nonce is made of what both sides know.
const chacha = {
  cipher: "chacha20-poly1305",
  hash: "sha256",
  keyBytes: 32,
  fixedIvBytes: 12,
  explicitNonceBytes: 0,
} as const;

/**
 * In order of preference. RFC 8827 section 6.5 asks for the first of them; AES-128 is the fastest where the
 * processor helps, which is nearly everywhere that Node runs.
 */
export const cipherSuites: readonly CipherSuite[] = [
  { id: 0xc02b, name: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", signature: "ec", ...aes128 },
  { id: 0xc02f, name: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", signature: "rsa", ...aes128 },
  { id: 0xc02c, name: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", signature: "ec", ...aes256 },
  { id: 0xc030, name: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", signature: "rsa", ...aes256 },
  { id: 0xcca9, name: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", signature: "ec", ...chacha },
  { id: 0xcca8, name: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", signature: "rsa", ...chacha },
];

/** RFC 5746 section 3.3: a client may say with it that it knows safe renegotiation. */
export const emptyRenegotiationInfoScsv = 0x00ff;
