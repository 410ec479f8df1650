import { createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { decodeXorAddress, encodeXorAddress, type TransportAddress } from "./address.js";

/**
 * STUN binding messages (RFC 8489) with the attributes of ICE (RFC 8445 section 7.1), in and out of bytes. Nothing
 * here throws for what came from the network.
 */
export type StunClass = "request" | "indication" | "success" | "error";

export interface StunMessage {
  readonly class: StunClass;
  readonly transactionId: Buffer;
  readonly username?: string;
  readonly priority?: number;
  readonly useCandidate?: boolean;
  /** Role and tie-breaker of the sender. */
  readonly role?: { readonly controlling: boolean; readonly tieBreaker: bigint };
  readonly mappedAddress?: TransportAddress;
  readonly errorCode?: number;
  /** Types that a receiver has to understand and this one does not (RFC 8489 section 14). */
  readonly unknown?: readonly number[];
}

export interface ReceivedStunMessage extends StunMessage {
  /** Whether MESSAGE-INTEGRITY is there and made with this password. */
  readonly isBy: (password: string) => boolean;
}

const headerBytes = 20;
const integrityBytes = 24;
const fingerprintBytes = 8;
const magicCookie = 0x2112a442;
const fingerprintMask = 0x5354554e;

const classBits: Readonly<Record<StunClass, number>> = {
  request: 0x000,
  indication: 0x010,
  success: 0x100,
  error: 0x110,
};
const bindingMethod = 0x001;

const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  messageIntegritySha256: 0x001c,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/** Understood, or of no use to ICE though of a type that has to be understood. */
const known: ReadonlySet<number> = new Set([
  ...Object.values(attribute),
  // MAPPED-ADDRESS, REALM and NONCE, which servers may add.
  0x0001,
  0x0014,
  0x0015,
]);

/** Whether the datagram claims to be STUN (RFC 7983, and the magic cookie). */
export function isStun(datagram: Buffer): boolean {
  return (
    datagram.byteLength >= headerBytes &&
    (datagram[0] ?? 0) < 4 &&
    datagram.readUInt32BE(4) === magicCookie
  );
}

function write(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.byteLength / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.byteLength, 2);
  value.copy(padded, 4);
  return padded;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function attributesOf(message: StunMessage): Buffer[] {
  const { username, priority, role, mappedAddress, errorCode, unknown, transactionId } = message;
  const list: Buffer[] = [];
  if (username !== undefined) list.push(write(attribute.username, Buffer.from(username, "utf8")));
  if (priority !== undefined) list.push(write(attribute.priority, uint32(priority)));
  if (message.useCandidate === true) list.push(write(attribute.useCandidate, Buffer.alloc(0)));
  if (role !== undefined) {
    const value = Buffer.alloc(8);
    value.writeBigUInt64BE(role.tieBreaker);
    const type = role.controlling ? attribute.iceControlling : attribute.iceControlled;
    list.push(write(type, value));
  }
  if (mappedAddress !== undefined)
    list.push(write(attribute.xorMappedAddress, encodeXorAddress(mappedAddress, transactionId)));
  if (errorCode !== undefined) {
    const value = Buffer.from([0, 0, Math.trunc(errorCode / 100), errorCode % 100]);
    list.push(write(attribute.errorCode, value));
  }
  if (unknown !== undefined) {
    const value = Buffer.alloc(unknown.length * 2);
    for (const [index, type] of unknown.entries()) value.writeUInt16BE(type, index * 2);
    list.push(write(attribute.unknownAttributes, value));
  }
  return list;
}

/** The HMAC over the message before `offset`, as if MESSAGE-INTEGRITY were its last attribute. */
function integrity(message: Buffer, offset: number, password: string): Buffer {
  const covered = Buffer.from(message.subarray(0, offset));
  covered.writeUInt16BE(offset - headerBytes + integrityBytes, 2);
  return createHmac("sha1", password).update(covered).digest();
}

function fingerprint(message: Buffer, offset: number): number {
  const covered = Buffer.from(message.subarray(0, offset));
  covered.writeUInt16BE(offset - headerBytes + fingerprintBytes, 2);
  return (crc32(covered) ^ fingerprintMask) >>> 0;
}

/** With MESSAGE-INTEGRITY where there is a password, and always with FINGERPRINT. */
export function encodeStun(message: StunMessage, password?: string): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(bindingMethod | classBits[message.class], 0);
  header.writeUInt32BE(magicCookie, 4);
  message.transactionId.copy(header, 8);
  let bytes = Buffer.concat([header, ...attributesOf(message)]);
  if (password !== undefined) {
    const mac = integrity(bytes, bytes.byteLength, password);
    bytes = Buffer.concat([bytes, write(attribute.messageIntegrity, mac)]);
  }
  const check = write(attribute.fingerprint, uint32(fingerprint(bytes, bytes.byteLength)));
  bytes = Buffer.concat([bytes, check]);
  bytes.writeUInt16BE(bytes.byteLength - headerBytes, 2);
  return bytes;
}

interface Draft {
  username?: string;
  priority?: number;
  useCandidate?: boolean;
  role?: { controlling: boolean; tieBreaker: bigint };
  mappedAddress?: TransportAddress;
  errorCode?: number;
}

/** False for a value that the attribute cannot have. */
function read(draft: Draft, type: number, value: Buffer, transactionId: Buffer): boolean {
  switch (type) {
    case attribute.username:
      draft.username = value.toString("utf8");
      return value.byteLength <= 513;
    case attribute.priority:
      if (value.byteLength !== 4) return false;
      draft.priority = value.readUInt32BE();
      return true;
    case attribute.useCandidate:
      draft.useCandidate = true;
      return value.byteLength === 0;
    case attribute.iceControlled:
    case attribute.iceControlling:
      if (value.byteLength !== 8 || draft.role !== undefined) return false;
      draft.role = {
        controlling: type === attribute.iceControlling,
        tieBreaker: value.readBigUInt64BE(),
      };
      return true;
    case attribute.xorMappedAddress: {
      const address = decodeXorAddress(value, transactionId);
      if (address === undefined) return false;
      draft.mappedAddress = address;
      return true;
    }
    case attribute.errorCode:
      if (value.byteLength < 4) return false;
      draft.errorCode = ((value[2] ?? 0) & 7) * 100 + (value[3] ?? 0);
      return true;
    default:
      return true;
  }
}

function classOf(type: number): StunClass | undefined {
  for (const name of ["request", "indication", "success", "error"] as const)
    if (type === (bindingMethod | classBits[name])) return name;
  return undefined;
}

/** A binding message, or undefined for anything else: another method, malformed, or with a wrong fingerprint. */
export function decodeStun(bytes: Buffer): ReceivedStunMessage | undefined {
  if (!isStun(bytes) || bytes.readUInt16BE(2) !== bytes.byteLength - headerBytes) return undefined;
  const kind = classOf(bytes.readUInt16BE(0));
  if (kind === undefined) return undefined;
  const transactionId = Buffer.from(bytes.subarray(8, headerBytes));
  const draft: Draft = {};
  const unknown: number[] = [];
  let macAt: number | undefined;
  for (let at = headerBytes; at < bytes.byteLength;) {
    if (at + 4 > bytes.byteLength) return undefined;
    const type = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    const end = at + 4 + Math.ceil(length / 4) * 4;
    if (end > bytes.byteLength) return undefined;
    const value = bytes.subarray(at + 4, at + 4 + length);
    if (type === attribute.fingerprint) {
      // Has to be the last one.
      if (length !== 4 || end !== bytes.byteLength) return undefined;
      if (value.readUInt32BE() !== fingerprint(bytes, at)) return undefined;
    } else if (type === attribute.messageIntegrity && macAt === undefined) {
      if (length !== 20) return undefined;
      macAt = at;
    } else if (macAt === undefined) {
      // What follows MESSAGE-INTEGRITY is not protected by it, and counts for nothing.
      if (!read(draft, type, value, transactionId)) return undefined;
      if (type < 0x8000 && !known.has(type)) unknown.push(type);
    }
    at = end;
  }
  return {
    class: kind,
    transactionId,
    ...draft,
    ...(unknown.length === 0 ? {} : { unknown }),
    isBy: (password) =>
      macAt !== undefined &&
      timingSafeEqual(
        bytes.subarray(macAt + 4, macAt + integrityBytes),
        integrity(bytes, macAt, password),
      ),
  };
}
