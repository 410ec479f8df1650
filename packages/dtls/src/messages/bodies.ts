import { refuse } from "../alerts.js";
import { ByteReader, readUint16s, uint, uint16s, vector } from "../bytes.js";
import { signatureSchemeIds, type Signature } from "../crypto/signature.js";

/** RFC 5246 section 7.4.2: one certificate, without a chain. */
export function encodeCertificate(der: Uint8Array): Buffer {
  return vector(3, vector(3, der));
}

/** The first certificate, which is the one of the remote; undefined for an empty list. */
export function readCertificate(body: Buffer): Buffer | undefined {
  const reader = new ByteReader(body);
  const list = new ByteReader(reader.vector(3));
  reader.end();
  if (list.remaining === 0) return undefined;
  const leaf = list.vector(3);
  while (list.remaining > 0) list.vector(3);
  return leaf;
}

export interface ServerKeyExchange {
  readonly group: number;
  readonly publicKey: Buffer;
  /** What the signature covers, beside the random values. */
  readonly params: Buffer;
  readonly signature: Signature;
}

const namedCurve = 3;

/** RFC 8422 section 5.4: `ServerECDHParams`. */
export function encodeKeyExchangeParams(group: number, publicKey: Buffer): Buffer {
  return Buffer.concat([Buffer.of(namedCurve), uint(2, group), vector(1, publicKey)]);
}

export function encodeServerKeyExchange(params: Buffer, signature: Signature): Buffer {
  return Buffer.concat([params, encodeSignature(signature)]);
}

export function readServerKeyExchange(body: Buffer): ServerKeyExchange {
  const reader = new ByteReader(body);
  if (reader.uint(1) !== namedCurve) throw refuse("illegal_parameter", "a curve without a name");
  const group = reader.uint(2);
  const publicKey = reader.vector(1);
  const params = body.subarray(0, body.length - reader.remaining);
  const signature = readSignature(reader);
  return { group, publicKey, params, signature };
}

/** RFC 5246 section 7.4.8: body of a CertificateVerify, and end of a ServerKeyExchange. */
export function encodeSignature({ scheme, value }: Signature): Buffer {
  return Buffer.concat([uint(2, scheme), vector(2, value)]);
}

export function readSignature(reader: ByteReader): Signature {
  const scheme = reader.uint(2);
  const value = reader.vector(2);
  reader.end();
  return { scheme, value };
}

/** RFC 8422 section 5.5, by kind of key. */
const certificateTypes: Readonly<Record<string, number>> = { ec: 64, rsa: 1 };

/** RFC 5246 section 7.4.4: any authority will do, for fingerprints decide. */
export function encodeCertificateRequest(): Buffer {
  return Buffer.concat([
    vector(1, Buffer.from(Object.values(certificateTypes))),
    vector(2, uint16s(signatureSchemeIds)),
    vector(2),
  ]);
}

/** The signature schemes that the server accepts of a certificate with this kind of key. */
export function readCertificateRequest(body: Buffer, keyType: string): number[] {
  const reader = new ByteReader(body);
  const types = reader.vector(1);
  const schemes = readUint16s(reader.vector(2));
  reader.vector(2);
  reader.end();
  if (!types.includes(certificateTypes[keyType] ?? 0)) {
    throw refuse("handshake_failure", "the remote accepts no certificate like ours");
  }
  return schemes;
}

/** RFC 8422 section 5.7. */
export function encodeClientKeyExchange(publicKey: Buffer): Buffer {
  return vector(1, publicKey);
}

export function readClientKeyExchange(body: Buffer): Buffer {
  const reader = new ByteReader(body);
  const publicKey = reader.vector(1);
  reader.end();
  return publicKey;
}
