import { srtpProfiles, type DtlsConnection } from "@conic/dtls";
import { srtpKeyLengths, type SrtpKeys } from "@conic/rtp";

/** In order of preference: GCM is one pass and one call per packet. */
export const offeredSrtpProfiles: readonly number[] = [
  srtpProfiles.aeadAes128Gcm,
  srtpProfiles.aes128CmSha1Tag80,
];

/**
 * RFC 5764 section 4.2: the keys of client and server, then their salts. Undefined when no profile was agreed on.
 */
export function srtpKeysOf(connection: DtlsConnection): SrtpKeys | undefined {
  const profile = connection.srtpProfile;
  if (profile === undefined) return undefined;
  const { keyBytes, saltBytes } = srtpKeyLengths(profile);
  const material = connection.exportKeyingMaterial(
    "EXTRACTOR-dtls_srtp",
    2 * (keyBytes + saltBytes),
  );
  const part = (start: number, length: number): Buffer => material.subarray(start, start + length);
  const client = { key: part(0, keyBytes), salt: part(2 * keyBytes, saltBytes) };
  const server = { key: part(keyBytes, keyBytes), salt: part(2 * keyBytes + saltBytes, saltBytes) };
  const [local, remote] = connection.role === "client" ? [client, server] : [server, client];
  return {
    profile,
    localKey: local.key,
    localSalt: local.salt,
    remoteKey: remote.key,
    remoteSalt: remote.salt,
  };
}
