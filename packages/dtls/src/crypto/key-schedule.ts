import { createHash, createHmac } from "node:crypto";
import type { CipherSuite } from "./suites.js";

type Hash = CipherSuite["hash"];

/** Keys of one direction. */
export interface DirectionKeys {
  readonly key: Buffer;
  readonly fixedIv: Buffer;
}

export interface KeyBlock {
  readonly client: DirectionKeys;
  readonly server: DirectionKeys;
}

const masterSecretBytes = 48;
const verifyDataBytes = 12;

/** RFC 5246 section 5: P_hash of label and seed. */
export function pseudoRandom(
  hash: Hash,
  secret: Buffer,
  label: string,
  seed: Buffer,
  length: number,
): Buffer {
  const hmac = (...parts: readonly Buffer[]): Buffer => {
    const mac = createHmac(hash, secret);
    for (const part of parts) mac.update(part);
    return mac.digest();
  };
  const labelled = Buffer.concat([Buffer.from(label, "latin1"), seed]);
  const blocks: Buffer[] = [];
  let chain: Buffer = labelled;
  for (let made = 0; made < length;) {
    chain = hmac(chain);
    const block = hmac(chain, labelled);
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks, length);
}

/** RFC 7627 section 4: bound to the whole handshake, not only to its random values. */
export function extendedMasterSecret(hash: Hash, preMaster: Buffer, transcript: Buffer): Buffer {
  const session = createHash(hash).update(transcript).digest();
  return pseudoRandom(hash, preMaster, "extended master secret", session, masterSecretBytes);
}

/** RFC 5246 section 8.1. `randoms`: the client's, then the server's. */
export function masterSecret(hash: Hash, preMaster: Buffer, randoms: Buffer): Buffer {
  return pseudoRandom(hash, preMaster, "master secret", randoms, masterSecretBytes);
}

/** RFC 5246 section 6.3; an AEAD has no MAC keys. `randoms`: the server's, then the client's. */
export function keyBlock(suite: CipherSuite, master: Buffer, randoms: Buffer): KeyBlock {
  const { keyBytes, fixedIvBytes, hash } = suite;
  const block = pseudoRandom(hash, master, "key expansion", randoms, 2 * (keyBytes + fixedIvBytes));
  const ivs = 2 * keyBytes;
  return {
    client: {
      key: block.subarray(0, keyBytes),
      fixedIv: block.subarray(ivs, ivs + fixedIvBytes),
    },
    server: { key: block.subarray(keyBytes, ivs), fixedIv: block.subarray(ivs + fixedIvBytes) },
  };
}

/** RFC 5246 section 7.4.9: body of a Finished message. */
export function verifyData(
  hash: Hash,
  master: Buffer,
  sender: "client" | "server",
  transcript: Buffer,
): Buffer {
  const seen = createHash(hash).update(transcript).digest();
  return pseudoRandom(hash, master, `${sender} finished`, seen, verifyDataBytes);
}
