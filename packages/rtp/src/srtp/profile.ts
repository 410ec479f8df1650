import { ConicError } from "@conic/domain";

/** Keys of both directions, as DTLS gives them (RFC 5764 section 4.2). */
export interface SrtpKeys {
  /** 0x0001: AES_CM_128_HMAC_SHA1_80 (RFC 3711); 0x0007: AEAD_AES_128_GCM (RFC 7714). */
  readonly profile: number;
  readonly localKey: Uint8Array;
  readonly localSalt: Uint8Array;
  readonly remoteKey: Uint8Array;
  readonly remoteSalt: Uint8Array;
}

/** RFC 5764 section 4.1.2, RFC 7714 section 14.2. */
export const srtpProfile = { aes128CmSha1Tag80: 0x0001, aeadAes128Gcm: 0x0007 } as const;

export interface SrtpKeyLengths {
  readonly keyBytes: number;
  readonly saltBytes: number;
}

/**
 * Lengths of master key and salt.
 * @throws ConicError `unsupported` for another profile.
 */
export function srtpKeyLengths(profile: number): SrtpKeyLengths {
  if (profile === srtpProfile.aes128CmSha1Tag80) return { keyBytes: 16, saltBytes: 14 };
  if (profile === srtpProfile.aeadAes128Gcm) return { keyBytes: 16, saltBytes: 12 };
  throw new ConicError(
    "unsupported",
    `SRTP protection profile ${profile} is not known here; offer 0x0001 or 0x0007`,
    { details: { profile } },
  );
}
