import { randomBytes, type KeyObject } from "node:crypto";
import { refuse } from "../alerts.js";
import { ByteReader } from "../bytes.js";
import { createKeyShare, groups, type KeyShare } from "../crypto/key-exchange.js";
import { verifyData } from "../crypto/key-schedule.js";
import { checkSignature, signFor } from "../crypto/signature.js";
import { cipherSuites, emptyRenegotiationInfoScsv, type CipherSuite } from "../crypto/suites.js";
import { dtls12 } from "../record/header.js";
import {
  encodeCertificate,
  encodeCertificateRequest,
  encodeKeyExchangeParams,
  encodeServerKeyExchange,
  readClientKeyExchange,
  readSignature,
} from "../messages/bodies.js";
import {
  checkPointFormats,
  checkRenegotiationInfo,
  extensionType,
  readNumbers,
  readUseSrtp,
  serverExtensions,
  type Extensions,
  type ServerChoice,
} from "../messages/extensions.js";
import { changeCipherSpec } from "./flight.js";
import {
  encodeServerHello,
  randomBytesInHello,
  readClientHello,
  type ClientHello,
} from "../messages/hello.js";
import {
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

interface Choice extends ServerChoice {
  readonly suite: CipherSuite;
  readonly group: number;
  /** Signatures that the client accepts. */
  readonly schemes: readonly number[];
}

/**
 * The server's side of RFC 6347 section 4.2.4, figure 1, with certificates on both sides. It asks for no cookie: ICE
 * has shown that the remote receives what is sent to it, and a round trip is saved.
 */
export function* serverHandshake(settings: HandshakeSettings, io: HandshakeIo): HandshakeScript {
  const transcript = new Transcript();
  const hello = readClientHello((yield* next(transcript, "clientHello")).body);
  const choice = choose(hello, settings);
  const { suite, srtpProfile } = choice;
  const share = createKeyShare(choice.group);
  const clientRandom = hello.random;
  const serverRandom = randomBytes(randomBytesInHello);
  const offer = { hello, choice, share, serverRandom };
  io.send(serverFlight(transcript, offer, settings));

  const remote = trustMessage(yield* next(transcript, "certificate"), settings);
  const exchange = yield* next(transcript, "clientKeyExchange");
  const material = {
    suite,
    clientRandom,
    serverRandom,
    preMaster: share.agree(readClientKeyExchange(exchange.body)),
    isExtended: choice.extendedMasterSecret,
  };
  const master = deriveMaster(material, transcript);
  io.useKeys(suite, deriveKeys(material, master));

  const signed = transcript.bytes();
  const proof = yield* next(transcript, "certificateVerify");
  checkSignature(remote.publicKey, signed, readSignature(new ByteReader(proof.body)));
  const seen = transcript.bytes();
  io.requireProtection();
  checkFinished(yield* next(transcript, "finished"), suite, master, "client", seen);

  const answer = verifyData(suite.hash, master, "server", transcript.bytes());
  io.send([changeCipherSpec, transcript.write("finished", answer)]);
  return { suite, master, clientRandom, serverRandom, remoteCertificate: remote.der, srtpProfile };
}

interface Offer {
  readonly hello: ClientHello;
  readonly choice: Choice;
  readonly share: KeyShare;
  readonly serverRandom: Buffer;
}

function serverFlight(
  transcript: Transcript,
  { hello, choice, share, serverRandom }: Offer,
  { certificate: own }: HandshakeSettings,
) {
  const params = encodeKeyExchangeParams(choice.group, share.publicKey);
  const signed = Buffer.concat([hello.random, serverRandom, params]);
  const signature = signFor(choice.schemes, own.privateKey, signed);
  const answer = encodeServerHello({
    random: serverRandom,
    cipherSuite: choice.suite.id,
    extensions: serverExtensions(choice),
  });
  return [
    transcript.write("serverHello", answer),
    transcript.write("certificate", encodeCertificate(own.certificate)),
    transcript.write("serverKeyExchange", encodeServerKeyExchange(params, signature)),
    transcript.write("certificateRequest", encodeCertificateRequest()),
    transcript.write("serverHelloDone", Buffer.alloc(0)),
  ];
}

function choose(hello: ClientHello, settings: HandshakeSettings): Choice {
  const { extensions } = hello;
  checkVersions(extensions);
  checkRenegotiationInfo(extensions);
  checkPointFormats(extensions);
  const suite = chooseSuite(hello.cipherSuites, settings.certificate.privateKey);
  const offered = readUseSrtp(extensions).profiles;
  return {
    suite,
    group: chooseGroup(readNumbers(extensions, extensionType.supportedGroups)),
    schemes: readNumbers(extensions, extensionType.signatureAlgorithms) ?? [],
    safeRenegotiation:
      extensions.has(extensionType.renegotiationInfo) ||
      hello.cipherSuites.includes(emptyRenegotiationInfoScsv),
    extendedMasterSecret: extensions.has(extensionType.extendedMasterSecret),
    pointFormats: extensions.has(extensionType.ecPointFormats),
    srtpProfile: settings.srtpProfiles.find((profile) => offered.includes(profile)),
  };
}

/** RFC 8446 section 4.2.1: where the list is there, it alone counts. */
function checkVersions(extensions: Extensions): void {
  const content = extensions.get(extensionType.supportedVersions);
  if (content === undefined) return;
  const versions = new ByteReader(content).vector(1);
  for (let at = 0; at + 2 <= versions.length; at += 2) {
    if (versions.readUInt16BE(at) === dtls12) return;
  }
  throw refuse("protocol_version", "the remote does not want DTLS 1.2");
}

function chooseSuite(offered: readonly number[], { asymmetricKeyType }: KeyObject): CipherSuite {
  const suite = cipherSuites.find(
    ({ id, signature }) => signature === asymmetricKeyType && offered.includes(id),
  );
  if (suite === undefined) {
    throw refuse("handshake_failure", "the remote offers no cipher suite that we know");
  }
  return suite;
}

function chooseGroup(offered: readonly number[] | undefined): number {
  // RFC 8422 section 4: a client that does not say knows what it must.
  if (offered === undefined) return groups.secp256r1;
  const group = Object.values(groups).find((id) => offered.includes(id));
  if (group === undefined) {
    throw refuse("handshake_failure", "the remote offers no group that we know");
  }
  return group;
}
