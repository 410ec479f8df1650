import { refuse } from "../alerts.js";
import { ByteReader, readUint16s, uint, uint16s, vector } from "../bytes.js";
import { dtls10, dtls12 } from "../record/header.js";
import { encodeExtensions, readExtensions, type Extensions } from "./extensions.js";

export const randomBytesInHello = 32;
const maxSessionIdBytes = 32;
const noCompression = 0;
const dtlsMajor = 0xfe;

/** RFC 6347 section 4.2.1. */
export interface ClientHello {
  readonly random: Buffer;
  readonly cookie: Buffer;
  readonly cipherSuites: readonly number[];
  readonly extensions: Extensions;
}

export function encodeClientHello(hello: ClientHello): Buffer {
  return Buffer.concat([
    uint(2, dtls12),
    hello.random,
    vector(1),
    vector(1, hello.cookie),
    vector(2, uint16s(hello.cipherSuites)),
    vector(1, Buffer.of(noCompression)),
    encodeExtensions(hello.extensions),
  ]);
}

/** @throws ConicError with alert `protocol_version` where the client does not know DTLS 1.2. */
export function readClientHello(body: Buffer): ClientHello {
  const reader = new ByteReader(body);
  const version = reader.uint(2);
  // RFC 6347 section 4.1: newer versions have lower numbers.
  if (version >> 8 !== dtlsMajor || version > dtls12) {
    throw refuse("protocol_version", "the remote does not know DTLS 1.2");
  }
  const random = reader.bytes(randomBytesInHello);
  readSessionId(reader);
  const cookie = reader.vector(1);
  const cipherSuites = readUint16s(reader.vector(2));
  if (!reader.vector(1).includes(noCompression)) {
    throw refuse("illegal_parameter", "the remote insists on compression");
  }
  return { random, cookie, cipherSuites, extensions: readExtensions(reader) };
}

function readSessionId(reader: ByteReader): Buffer {
  const id = reader.vector(1);
  if (id.length > maxSessionIdBytes) throw refuse("decode_error", "a session id is too long");
  return id;
}

export interface ServerHello {
  readonly random: Buffer;
  readonly cipherSuite: number;
  readonly extensions: Extensions;
}

export function encodeServerHello(hello: ServerHello): Buffer {
  return Buffer.concat([
    uint(2, dtls12),
    hello.random,
    // No session is ever resumed.
    vector(1),
    uint(2, hello.cipherSuite),
    Buffer.of(noCompression),
    encodeExtensions(hello.extensions),
  ]);
}

export function readServerHello(body: Buffer): ServerHello {
  const reader = new ByteReader(body);
  if (reader.uint(2) !== dtls12) throw refuse("protocol_version", "the remote chose no DTLS 1.2");
  const random = reader.bytes(randomBytesInHello);
  readSessionId(reader);
  const cipherSuite = reader.uint(2);
  if (reader.uint(1) !== noCompression) {
    throw refuse("illegal_parameter", "the remote chose compression");
  }
  return { random, cipherSuite, extensions: readExtensions(reader) };
}

/** RFC 6347 section 4.2.1: the cookie. Its version says nothing about the one that will be chosen. */
export function readHelloVerifyRequest(body: Buffer): Buffer {
  const reader = new ByteReader(body);
  const version = reader.uint(2);
  if (version !== dtls10 && version !== dtls12) {
    throw refuse("protocol_version", "a cookie for an unknown version");
  }
  const cookie = reader.vector(1);
  reader.end();
  return cookie;
}
