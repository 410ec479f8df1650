import { createCipheriv } from "node:crypto";

/** What the session keys are for (RFC 3711 section 4.3.1 and 4.3.2). */
export const keyLabel = {
  rtpEncryption: 0,
  rtpAuthentication: 1,
  rtpSalt: 2,
  rtcpEncryption: 3,
  rtcpAuthentication: 4,
  rtcpSalt: 5,
} as const;

const blockBytes = 16;
/** Of the 14 bytes of the salt, the one that the label meets: six bytes of index follow, always zero here. */
const labelAt = 7;

/**
 * A session key (RFC 3711 section 4.3) for the key derivation rate 0, the only one of DTLS-SRTP. A salt of 12 bytes
 * is as one with two bytes of zero behind it (RFC 7714 section 11).
 */
export function deriveKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: number,
  length: number,
): Buffer {
  const iv = Buffer.alloc(blockBytes);
  iv.set(masterSalt);
  iv.writeUInt8(iv.readUInt8(labelAt) ^ label, labelAt);
  return createCipheriv("aes-128-ctr", masterKey, iv).update(Buffer.alloc(length));
}
