// Slicing by 8: eight table look-ups take in eight bytes at once.
const slices = 8;
const polynomial = 0x82f63b78;

function makeTables(): Uint32Array {
  const tables = new Uint32Array(slices * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    tables[byte] = crc >>> 0;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
}

const tables = makeTables();

function look(slice: number, byte: number): number {
  return tables[(slice << 8) | byte] as number;
}

/** CRC32c (RFC 9260 appendix A) over `bytes[from..to)`, continued from `crc`. */
function update(crc: number, view: DataView, from: number, to: number): number {
  let value = crc;
  let at = from;
  for (const end = to - 8; at <= end; at += 8) {
    const low = value ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    value =
      look(7, low & 0xff) ^
      look(6, (low >>> 8) & 0xff) ^
      look(5, (low >>> 16) & 0xff) ^
      look(4, low >>> 24) ^
      look(3, high & 0xff) ^
      look(2, (high >>> 8) & 0xff) ^
      look(1, (high >>> 16) & 0xff) ^
      look(0, high >>> 24);
  }
  for (; at < to; at += 1) value = (value >>> 8) ^ look(0, (value ^ view.getUint8(at)) & 0xff);
  return value;
}

const checksumAt = 8;
const zeros = new DataView(new ArrayBuffer(4));

/** Checksum of a packet of `length` bytes, with its checksum field taken as zero. */
export function packetChecksum(view: DataView, length: number): number {
  let crc = update(-1, view, 0, checksumAt);
  crc = update(crc, zeros, 0, 4);
  crc = update(crc, view, checksumAt + 4, length);
  return ~crc >>> 0;
}

export function writeChecksum(view: DataView, length: number): void {
  // The CRC is reflected: it travels in little-endian order.
  view.setUint32(checksumAt, packetChecksum(view, length), true);
}

export function readChecksum(view: DataView): number {
  return view.getUint32(checksumAt, true);
}
