/** Polynomial 0x04c11db7, most significant bit first, without inversion (RFC 3533 section 6, field 7). */
const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});

/** Checksum of a page, with its own field taken for 0. */
export function pageChecksum(page: Uint8Array): number {
  let crc = 0;
  for (const [at, byte] of page.entries()) {
    const value = at >= 22 && at < 26 ? 0 : byte;
    crc = (crc << 8) ^ (table[((crc >>> 24) ^ value) & 0xff] ?? 0);
  }
  return crc >>> 0;
}
