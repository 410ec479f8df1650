import { refuse } from "../alerts.js";
import { ByteReader, readUint16s, uint, uint16s, vector } from "../bytes.js";
import { groups } from "../crypto/key-exchange.js";
import { signatureSchemeIds } from "../crypto/signature.js";

export const extensionType = {
  /** RFC 8422 section 5.1.1. */
  supportedGroups: 10,
  /** RFC 8422 section 5.1.2. */
  ecPointFormats: 11,
  /** RFC 5246 section 7.4.1.4.1. */
  signatureAlgorithms: 13,
  /** RFC 5764 section 4.1.1. */
  useSrtp: 14,
  /** RFC 7627 section 5.1. */
  extendedMasterSecret: 23,
  /** RFC 8446 section 4.2.1. */
  supportedVersions: 43,
  /** RFC 5746 section 3.2. */
  renegotiationInfo: 0xff01,
} as const;

export type Extensions = ReadonlyMap<number, Buffer>;

const uncompressedPoints = 0;
/** RFC 5746 section 3.4: nothing was negotiated before. */
const noFormerHandshake = vector(1);
const none = Buffer.alloc(0);

export function encodeExtensions(extensions: Extensions): Buffer {
  const all = [...extensions].map(([type, content]) =>
    Buffer.concat([uint(2, type), vector(2, content)]),
  );
  return vector(2, ...all);
}

/** RFC 5246 section 7.4.1.2: they may be left out altogether; none may be there twice. */
export function readExtensions(reader: ByteReader): Extensions {
  const extensions = new Map<number, Buffer>();
  if (reader.remaining === 0) return extensions;
  const list = new ByteReader(reader.vector(2));
  reader.end();
  while (list.remaining > 0) {
    const type = list.uint(2);
    if (extensions.has(type)) throw refuse("illegal_parameter", `extension ${type} comes twice`);
    extensions.set(type, list.vector(2));
  }
  return extensions;
}

export function clientExtensions(srtpProfiles: readonly number[]): Extensions {
  const extensions = new Map<number, Buffer>([
    [extensionType.supportedGroups, vector(2, uint16s(Object.values(groups)))],
    [extensionType.ecPointFormats, vector(1, Buffer.of(uncompressedPoints))],
    [extensionType.signatureAlgorithms, vector(2, uint16s(signatureSchemeIds))],
    [extensionType.extendedMasterSecret, none],
    [extensionType.renegotiationInfo, noFormerHandshake],
  ]);
  if (srtpProfiles.length > 0) extensions.set(extensionType.useSrtp, encodeUseSrtp(srtpProfiles));
  return extensions;
}

/** RFC 5764 section 4.1.1, without a key identifier. */
function encodeUseSrtp(profiles: readonly number[]): Buffer {
  return Buffer.concat([vector(2, uint16s(profiles)), vector(1)]);
}

export interface ServerChoice {
  readonly safeRenegotiation: boolean;
  readonly extendedMasterSecret: boolean;
  readonly pointFormats: boolean;
  readonly srtpProfile: number | undefined;
}

export function serverExtensions(choice: ServerChoice): Extensions {
  const extensions = new Map<number, Buffer>();
  if (choice.safeRenegotiation) {
    extensions.set(extensionType.renegotiationInfo, noFormerHandshake);
  }
  if (choice.extendedMasterSecret) extensions.set(extensionType.extendedMasterSecret, none);
  if (choice.pointFormats) {
    extensions.set(extensionType.ecPointFormats, vector(1, Buffer.of(uncompressedPoints)));
  }
  if (choice.srtpProfile !== undefined) {
    extensions.set(extensionType.useSrtp, encodeUseSrtp([choice.srtpProfile]));
  }
  return extensions;
}

/** A list of 16-bit numbers with its length; undefined when the extension is not there. */
export function readNumbers(extensions: Extensions, type: number): number[] | undefined {
  const content = extensions.get(type);
  if (content === undefined) return undefined;
  const reader = new ByteReader(content);
  const numbers = readUint16s(reader.vector(2));
  reader.end();
  return numbers;
}

export interface UseSrtp {
  readonly profiles: readonly number[];
  readonly hasKeyIdentifier: boolean;
}

export function readUseSrtp(extensions: Extensions): UseSrtp {
  const content = extensions.get(extensionType.useSrtp);
  if (content === undefined) return { profiles: [], hasKeyIdentifier: false };
  const reader = new ByteReader(content);
  const profiles = readUint16s(reader.vector(2));
  const hasKeyIdentifier = reader.vector(1).length > 0;
  reader.end();
  return { profiles, hasKeyIdentifier };
}

/** RFC 5746 sections 3.4 and 3.6: a first handshake says so. */
export function checkRenegotiationInfo(extensions: Extensions): void {
  const content = extensions.get(extensionType.renegotiationInfo);
  if (content !== undefined && !content.equals(noFormerHandshake)) {
    throw refuse("handshake_failure", "the remote speaks of a former handshake");
  }
}

/** RFC 8422 section 5.1.2: whoever sends the list has to know plain points. */
export function checkPointFormats(extensions: Extensions): void {
  const content = extensions.get(extensionType.ecPointFormats);
  if (content === undefined) return;
  const reader = new ByteReader(content);
  if (!reader.vector(1).includes(uncompressedPoints)) {
    throw refuse("illegal_parameter", "the remote knows no uncompressed points");
  }
  reader.end();
}
