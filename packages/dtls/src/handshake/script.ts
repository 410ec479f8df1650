import { timingSafeEqual } from "node:crypto";
import { refuse } from "../alerts.js";
import type { ExpectedCertificate } from "../certificate/fingerprint.js";
import type { DtlsCertificate } from "../certificate/generate.js";
import { trustCertificate, type RemoteCertificate } from "../certificate/remote.js";
import {
  extendedMasterSecret,
  keyBlock,
  masterSecret,
  verifyData,
  type KeyBlock,
} from "../crypto/key-schedule.js";
import type { CipherSuite } from "../crypto/suites.js";
import { readCertificate } from "../messages/bodies.js";
import type { Flight } from "./flight.js";
import { messageType, type HandshakeMessage, type MessageName } from "../messages/message.js";
import type { Transcript } from "./transcript.js";

export interface HandshakeSettings {
  readonly certificate: DtlsCertificate;
  readonly expected: ExpectedCertificate;
  readonly srtpProfiles: readonly number[];
}

/** What a handshake does beside reading the messages it is given. */
export interface HandshakeIo {
  /** Sends a flight, which takes the place of the former one. */
  send(flight: Flight): void;
  /** From here on records of epoch 1 can be made and read. */
  useKeys(suite: CipherSuite, keys: KeyBlock): void;
  /** From here on messages count only in protected records. */
  requireProtection(): void;
}

/** What both sides know at the end. */
export interface Session {
  readonly suite: CipherSuite;
  readonly master: Buffer;
  readonly clientRandom: Buffer;
  readonly serverRandom: Buffer;
  readonly remoteCertificate: Buffer;
  readonly srtpProfile: number | undefined;
}

/**
 * A handshake as it is written in RFC 5246 section 7.3: it yields where it waits for the next message of the remote,
 * returns when both sides are verified, and throws a ConicError with the alert to send when it cannot go on.
 */
export type HandshakeScript = Generator<void, Session, HandshakeMessage>;

export function* next(
  transcript: Transcript,
  name: MessageName,
): Generator<void, HandshakeMessage, HandshakeMessage> {
  const message = yield;
  return accept(transcript, name, message);
}

export function accept(
  transcript: Transcript,
  name: MessageName,
  message: HandshakeMessage,
): HandshakeMessage {
  if (message.type !== messageType[name]) {
    throw refuse("unexpected_message", `message ${message.type} came in the place of ${name}`);
  }
  transcript.add(message.wire);
  return message;
}

export function trustMessage(
  { body }: HandshakeMessage,
  { expected }: HandshakeSettings,
): RemoteCertificate {
  const leaf = readCertificate(body);
  if (leaf === undefined) {
    throw refuse("handshake_failure", "the remote has no certificate; both sides need one");
  }
  return trustCertificate(leaf, expected);
}

export interface KeyMaterial {
  readonly suite: CipherSuite;
  readonly preMaster: Buffer;
  readonly clientRandom: Buffer;
  readonly serverRandom: Buffer;
  /** RFC 7627: both sides know the extended master secret. */
  readonly isExtended: boolean;
}

/** @param transcript - All messages up to the ClientKeyExchange. */
export function deriveMaster(material: KeyMaterial, transcript: Transcript): Buffer {
  const { suite, preMaster, clientRandom, serverRandom, isExtended } = material;
  return isExtended
    ? extendedMasterSecret(suite.hash, preMaster, transcript.bytes())
    : masterSecret(suite.hash, preMaster, Buffer.concat([clientRandom, serverRandom]));
}

export function deriveKeys(material: KeyMaterial, master: Buffer): KeyBlock {
  const { suite, clientRandom, serverRandom } = material;
  return keyBlock(suite, master, Buffer.concat([serverRandom, clientRandom]));
}

/** RFC 5246 section 7.4.9. @param seen - The transcript without this message. */
export function checkFinished(
  { body }: HandshakeMessage,
  { hash }: CipherSuite,
  master: Buffer,
  sender: "client" | "server",
  seen: Buffer,
): void {
  const wanted = verifyData(hash, master, sender, seen);
  if (body.length !== wanted.length || !timingSafeEqual(body, wanted)) {
    throw refuse("decrypt_error", "the handshake was changed on its way");
  }
}
