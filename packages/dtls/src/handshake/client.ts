import { randomBytes } from "node:crypto";
import { refuse } from "../alerts.js";
import type { RemoteCertificate } from "../certificate/remote.js";
import { createKeyShare, groups } from "../crypto/key-exchange.js";
import { verifyData } from "../crypto/key-schedule.js";
import { checkSignature, signFor } from "../crypto/signature.js";
import { cipherSuites, type CipherSuite } from "../crypto/suites.js";
import {
  encodeCertificate,
  encodeClientKeyExchange,
  encodeSignature,
  readCertificateRequest,
  readServerKeyExchange,
} from "../messages/bodies.js";
import {
  checkPointFormats,
  checkRenegotiationInfo,
  clientExtensions,
  extensionType,
  readUseSrtp,
  type Extensions,
} from "../messages/extensions.js";
import { changeCipherSpec } from "./flight.js";
import {
  encodeClientHello,
  randomBytesInHello,
  readHelloVerifyRequest,
  readServerHello,
  type ClientHello,
  type ServerHello,
} from "../messages/hello.js";
import { messageType, type HandshakeMessage } from "../messages/message.js";
import {
  accept,
  checkFinished,
  deriveKeys,
  deriveMaster,
  next,
  trustMessage,
  type HandshakeIo,
  type HandshakeScript,
  type HandshakeSettings,
} from "./script.js";
import { Transcript } from "./transcript.js";

/** A server asks for its cookie once; again if it has forgotten the first. */
const maxCookies = 4;

interface Greeting {
  readonly clientRandom: Buffer;
  readonly serverRandom: Buffer;
  readonly suite: CipherSuite;
  readonly extensions: Extensions;
  readonly srtpProfile: number | undefined;
}

/** The client's side of RFC 6347 section 4.2.4, figure 1, with certificates on both sides. */
export function* clientHandshake(settings: HandshakeSettings, io: HandshakeIo): HandshakeScript {
  const { certificate: own } = settings;
  const transcript = new Transcript();
  const greeting = yield* greet(settings, io, transcript);
  const { suite, clientRandom, serverRandom } = greeting;

  const remote = trustMessage(yield* next(transcript, "certificate"), settings);
  const exchange = yield* next(transcript, "serverKeyExchange");
  const share = agree(exchange, greeting, remote);
  const request = yield* next(transcript, "certificateRequest");
  const schemes = readCertificateRequest(request.body, own.privateKey.asymmetricKeyType ?? "");
  const done = yield* next(transcript, "serverHelloDone");
  if (done.body.length > 0) throw refuse("decode_error", "a ServerHelloDone that says something");

  const certificate = transcript.write("certificate", encodeCertificate(own.certificate));
  const keyExchange = transcript.write(
    "clientKeyExchange",
    encodeClientKeyExchange(share.publicKey),
  );
  const isExtended = greeting.extensions.has(extensionType.extendedMasterSecret);
  const material = { ...greeting, preMaster: share.preMaster, isExtended };
  const master = deriveMaster(material, transcript);
  io.useKeys(suite, deriveKeys(material, master));
  const signature = signFor(schemes, own.privateKey, transcript.bytes());
  const proof = transcript.write("certificateVerify", encodeSignature(signature));
  const finished = transcript.write(
    "finished",
    verifyData(suite.hash, master, "client", transcript.bytes()),
  );
  io.requireProtection();
  io.send([certificate, keyExchange, proof, changeCipherSpec, finished]);

  const seen = transcript.bytes();
  checkFinished(yield* next(transcript, "finished"), suite, master, "server", seen);
  const { srtpProfile } = greeting;
  return { suite, master, clientRandom, serverRandom, remoteCertificate: remote.der, srtpProfile };
}

/** Both hellos, with or without a cookie in between. */
function* greet(
  settings: HandshakeSettings,
  io: HandshakeIo,
  transcript: Transcript,
): Generator<void, Greeting, HandshakeMessage> {
  let hello: ClientHello = {
    random: randomBytes(randomBytesInHello),
    cookie: Buffer.alloc(0),
    cipherSuites: cipherSuites.map(({ id }) => id),
    extensions: clientExtensions(settings.srtpProfiles),
  };
  io.send([transcript.write("clientHello", encodeClientHello(hello))]);
  let message = yield;
  for (let cookies = 0; message.type === messageType.helloVerifyRequest; cookies += 1) {
    if (cookies === maxCookies) throw refuse("unexpected_message", "cookies without end");
    transcript.clear();
    hello = { ...hello, cookie: readHelloVerifyRequest(message.body) };
    io.send([transcript.write("clientHello", encodeClientHello(hello))]);
    message = yield;
  }
  const { body } = accept(transcript, "serverHello", message);
  const server = readServerHello(body);
  const choice = checkServerHello(server, hello, settings);
  const { random: serverRandom, extensions } = server;
  return { clientRandom: hello.random, serverRandom, extensions, ...choice };
}

function checkServerHello(
  server: ServerHello,
  hello: ClientHello,
  { srtpProfiles }: HandshakeSettings,
): { suite: CipherSuite; srtpProfile: number | undefined } {
  const suite = cipherSuites.find(({ id }) => id === server.cipherSuite);
  if (suite === undefined) throw refuse("illegal_parameter", "a cipher suite that was not offered");
  for (const type of server.extensions.keys()) {
    if (!hello.extensions.has(type)) {
      throw refuse("unsupported_extension", `extension ${type} was not offered`);
    }
  }
  checkRenegotiationInfo(server.extensions);
  checkPointFormats(server.extensions);
  if (!server.extensions.has(extensionType.useSrtp)) return { suite, srtpProfile: undefined };
  const { profiles, hasKeyIdentifier } = readUseSrtp(server.extensions);
  const [srtpProfile] = profiles;
  const isOffered = srtpProfile !== undefined && srtpProfiles.includes(srtpProfile);
  if (profiles.length !== 1 || !isOffered || hasKeyIdentifier) {
    throw refuse("illegal_parameter", "an SRTP profile that was not offered");
  }
  return { suite, srtpProfile };
}

/** RFC 8422 section 5.4: the server signs its share with the key that the suite wants. */
function agree(
  { body }: HandshakeMessage,
  { suite, clientRandom, serverRandom }: Greeting,
  { publicKey }: RemoteCertificate,
): { publicKey: Buffer; preMaster: Buffer } {
  const exchange = readServerKeyExchange(body);
  if (publicKey.asymmetricKeyType !== suite.signature) {
    throw refuse("illegal_parameter", "the cipher suite is for another kind of certificate");
  }
  if (!Object.values<number>(groups).includes(exchange.group)) {
    throw refuse("illegal_parameter", `group ${exchange.group} was not offered`);
  }
  const signed = Buffer.concat([clientRandom, serverRandom, exchange.params]);
  checkSignature(publicKey, signed, exchange.signature);
  const share = createKeyShare(exchange.group);
  return { publicKey: share.publicKey, preMaster: share.agree(exchange.publicKey) };
}
