import { SocketAddress, isIPv4, isIPv6 } from "node:net";

/** An IP address and a port. The address is in the one spelling that {@link canonicalAddress} gives. */
export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

const magicCookie = 0x2112a442;

/** One spelling for each address, so that they compare as text; undefined for what is none. */
export function canonicalAddress(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return undefined;
  const { address: canonical } = new SocketAddress({ address: plain, family: "ipv6" });
  // A socket of both families shows IPv4 addresses in this form.
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1] ?? canonical;
}

function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = address.split("::");
  const first = wordsOf(head);
  const last = wordsOf(tail ?? "");
  const bytes = Buffer.alloc(16);
  for (const [index, word] of first.entries()) bytes.writeUInt16BE(word, index * 2);
  for (const [index, word] of last.entries())
    bytes.writeUInt16BE(word, 16 - (last.length - index) * 2);
  return bytes;
}

/** An IPv4 address at the end of an IPv6 one is two words. */
function wordsOf(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function mask(transactionId: Buffer): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(magicCookie, 0);
  transactionId.copy(bytes, 4);
  return bytes;
}

function xor(bytes: Buffer, by: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ (by[index] ?? 0)));
}

/** RFC 8489 section 14.2. */
export function encodeXorAddress(of: TransportAddress, transactionId: Buffer): Buffer {
  const ip = isIPv4(of.address)
    ? Buffer.from(of.address.split(".").map(Number))
    : ipv6Bytes(of.address);
  const head = Buffer.alloc(4);
  head.writeUInt8(ip.byteLength === 4 ? 1 : 2, 1);
  head.writeUInt16BE(of.port ^ (magicCookie >>> 16), 2);
  return Buffer.concat([head, xor(ip, mask(transactionId))]);
}

export function decodeXorAddress(
  value: Buffer,
  transactionId: Buffer,
): TransportAddress | undefined {
  const family = value[1];
  if (value.byteLength !== (family === 1 ? 8 : family === 2 ? 20 : -1)) return undefined;
  const port = value.readUInt16BE(2) ^ (magicCookie >>> 16);
  const ip = xor(value.subarray(4), mask(transactionId));
  if (family === 1) return { address: ip.join("."), port };
  const words: string[] = [];
  for (let offset = 0; offset < 16; offset += 2) words.push(ip.readUInt16BE(offset).toString(16));
  const address = canonicalAddress(words.join(":"));
  return address === undefined ? undefined : { address, port };
}
