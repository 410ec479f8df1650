import {
  createHash,
  createHmac,
  timingSafeEqual,
  verify,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { ConicError } from "@conic/domain";

/** A message of the handshake as werift keeps it: `fragment` is its body, `serialize()` has the header too. */
interface HandshakeMessage {
  readonly msg_type: number;
  readonly fragment: Buffer;
  serialize(): Buffer;
}

/** What is needed of a DTLS socket of werift 0.25.2 whose handshake is done. */
export interface HandshakeRecord {
  /** 1 for the client, 2 for the server. */
  readonly sessionType: number;
  readonly dtls: { readonly sortedHandshakeCache: readonly HandshakeMessage[] };
  readonly cipher: {
    readonly localRandom?: { serialize(): Buffer };
    readonly remoteRandom?: { serialize(): Buffer };
    readonly remoteCertificate?: Buffer;
    readonly remoteKeyPair?: { readonly publicKey?: Buffer };
    readonly masterSecret?: Buffer;
  };
}

/** RFC 5246 section 7.4 and, for the client's key exchange, RFC 8422. */
const messageType = {
  certificate: 11,
  serverKeyExchange: 12,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

const clientSession = 1;
const verifyDataBytes = 12;

/** RFC 5246 section 7.4.1.4.1: hash, then signature algorithm. */
const hashNames: Readonly<Record<number, string>> = { 4: "sha256", 5: "sha384", 6: "sha512" };
const keyTypes: Readonly<Record<number, string>> = { 1: "rsa", 3: "ec" };

/** What a lost packet may have caused as well, for werift goes on without the message: worth another attempt. */
function refuse(what: string, impostor = false): ConicError<"connection_failed"> {
  const message = `the remote did not prove who it is: ${what}`;
  return new ConicError("connection_failed", message, { details: { impostor } });
}

/**
 * Checks what werift 0.25.2 leaves unchecked: that the remote has the private key of the certificate whose
 * fingerprint it announced, that the key exchange in use is the one it signed, and that both sides saw the same
 * handshake. Without this, whoever copies a certificate may sit between two peers.
 *
 * @param remoteVerifyData - Body of the remote's Finished message.
 * @throws ConicError `connection_failed`; with `details.impostor` when no loss on the way explains it.
 */
export function authenticate(record: HandshakeRecord, remoteVerifyData: Buffer | undefined): void {
  const messages = record.dtls.sortedHandshakeCache;
  const isClient = record.sessionType === clientSession;
  const key = remoteKey(record, messages, isClient);
  if (isClient) checkServerKeyExchange(record, messages, key);
  else checkCertificateVerify(record, messages, key);
  checkFinished(record, messages, remoteVerifyData, isClient);
}

/** Key of the certificate that the signatures cover, which must be the one that the fingerprint is compared with. */
function remoteKey(
  record: HandshakeRecord,
  messages: readonly HandshakeMessage[],
  isClient: boolean,
): KeyObject {
  // Both sides send one; the server's comes first.
  const certificates = messages.filter(({ msg_type }) => msg_type === messageType.certificate);
  const message = isClient ? certificates[0] : certificates.at(-1);
  const inUse = record.cipher.remoteCertificate;
  // RFC 5246 section 7.4.2: length of the list, length of the first certificate, the certificate.
  if (message === undefined || inUse === undefined || message.fragment.length < 6) {
    throw refuse("no certificate");
  }
  const length = message.fragment.readUIntBE(3, 3);
  if (!message.fragment.subarray(6, 6 + length).equals(inUse)) throw refuse("two certificates");
  try {
    return new X509Certificate(inUse).publicKey;
  } catch (error) {
    throw new ConicError("connection_failed", "the certificate of the remote cannot be read", {
      cause: error,
    });
  }
}

/** RFC 8422 section 5.4: the server signs its key share and both randoms. */
function checkServerKeyExchange(
  { cipher }: HandshakeRecord,
  messages: readonly HandshakeMessage[],
  key: KeyObject,
): void {
  const body = bodyOf(messages, messageType.serverKeyExchange);
  const paramsEnd = 4 + (body[3] ?? 0);
  if (!sameBytes(body.subarray(4, paramsEnd), cipher.remoteKeyPair?.publicKey)) {
    throw refuse("two key exchanges");
  }
  const randoms = [cipher.localRandom, cipher.remoteRandom].map((random) => {
    if (random === undefined) throw refuse("no random");
    return random.serialize();
  });
  const signed = Buffer.concat([...randoms, body.subarray(0, paramsEnd)]);
  checkSignature(key, signed, body.subarray(paramsEnd));
}

/** RFC 5246 section 7.4.8: the client signs the whole handshake so far. */
function checkCertificateVerify(
  { cipher }: HandshakeRecord,
  messages: readonly HandshakeMessage[],
  key: KeyObject,
): void {
  const exchange = bodyOf(messages, messageType.clientKeyExchange);
  if (!sameBytes(exchange.subarray(1), cipher.remoteKeyPair?.publicKey)) {
    throw refuse("two key exchanges");
  }
  const end = messages.findIndex(({ msg_type }) => msg_type === messageType.certificateVerify);
  const body = bodyOf(messages, messageType.certificateVerify);
  checkSignature(key, transcript(messages.slice(0, end)), body);
}

/** RFC 5246 section 7.4.9: a hash of the handshake under the secret that only the two sides have. */
function checkFinished(
  { cipher }: HandshakeRecord,
  messages: readonly HandshakeMessage[],
  remoteVerifyData: Buffer | undefined,
  isClient: boolean,
): void {
  // The server's covers the client's; the client's comes before the server's.
  const end = messages.findIndex(({ msg_type }) => msg_type === messageType.finished);
  const seen = isClient ? messages : messages.slice(0, end);
  const label = isClient ? "server finished" : "client finished";
  const hash = createHash("sha256").update(transcript(seen)).digest();
  if (cipher.masterSecret === undefined || end < 0) throw refuse("no end of the handshake");
  const expected = pseudoRandom(cipher.masterSecret, Buffer.concat([Buffer.from(label), hash]));
  if (!sameBytes(expected, remoteVerifyData)) throw refuse("the handshake was changed on its way");
}

/** RFC 5246 section 5, P_SHA256, of which a Finished needs less than one round. */
function pseudoRandom(secret: Buffer, seed: Buffer): Buffer {
  const hmac = (data: Buffer): Buffer => createHmac("sha256", secret).update(data).digest();
  return hmac(Buffer.concat([hmac(seed), seed])).subarray(0, verifyDataBytes);
}

/** RFC 5246 section 4.7: algorithm, length, signature. */
function checkSignature(key: KeyObject, signed: Buffer, field: Buffer): void {
  if (field.length < 4) throw refuse("no signature");
  const hash = hashNames[field.readUInt8(0)];
  const type = keyTypes[field.readUInt8(1)];
  if (hash === undefined || type === undefined || type !== key.asymmetricKeyType) {
    throw refuse("a signature of an unknown kind");
  }
  const signature = field.subarray(4, 4 + field.readUInt16BE(2));
  if (!verify(hash, signed, key, signature)) throw refuse("a wrong signature", true);
}

function bodyOf(messages: readonly HandshakeMessage[], type: number): Buffer {
  const message = messages.find(({ msg_type }) => msg_type === type);
  if (message === undefined) throw refuse(`message ${type} of the handshake is missing`);
  return message.fragment;
}

function transcript(messages: readonly HandshakeMessage[]): Buffer {
  return Buffer.concat(messages.map((message) => message.serialize()));
}

function sameBytes(a: Buffer, b: Buffer | undefined): boolean {
  return b !== undefined && a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}
