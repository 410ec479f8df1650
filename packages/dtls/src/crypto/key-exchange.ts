import {
  createECDH,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { refuse } from "../alerts.js";

/** One side of an ephemeral Diffie-Hellman exchange. */
export interface KeyShare {
  /** As it is sent: RFC 8422 section 5.4. */
  readonly publicKey: Buffer;
  /** @throws ConicError with alert `illegal_parameter` for what is no public key of the group. */
  agree(remotePublicKey: Buffer): Buffer;
}

/** RFC 8422 section 5.1.1, in order of preference. */
export const groups = { x25519: 29, secp256r1: 23, secp384r1: 24 } as const;

/** What comes before the 32 bytes of an X25519 key in DER (RFC 8410). */
const x25519Prefix = Buffer.from("302a300506032b656e032100", "hex");
const x25519Bytes = 32;

const curves = new Map<number, string>([
  [groups.secp256r1, "prime256v1"],
  [groups.secp384r1, "secp384r1"],
]);

/** A fresh key pair of the group. */
export function createKeyShare(group: number): KeyShare {
  if (group === groups.x25519) return createX25519();
  const curve = curves.get(group);
  if (curve === undefined) throw refuse("illegal_parameter", `group ${group} was not offered`);
  const ecdh = createECDH(curve);
  const publicKey = ecdh.generateKeys();
  return { publicKey, agree: (remote) => checked(() => ecdh.computeSecret(remote)) };
}

function createX25519(): KeyShare {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  return {
    publicKey: publicKey.export({ type: "spki", format: "der" }).subarray(x25519Prefix.length),
    agree: (remote) =>
      checked(() => diffieHellman({ privateKey, publicKey: importX25519(remote) })),
  };
}

function importX25519(raw: Buffer): KeyObject {
  if (raw.length !== x25519Bytes) throw new RangeError("an X25519 key has 32 bytes");
  const key = Buffer.concat([x25519Prefix, raw]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

/** RFC 8422 section 5.11: points that are not on the curve, and RFC 7748 section 6.1: a secret of zeros. */
function checked(agree: () => Buffer): Buffer {
  let secret: Buffer;
  try {
    secret = agree();
  } catch (error) {
    throw refuse("illegal_parameter", "the key share of the remote is no key", error);
  }
  if (secret.every((byte) => byte === 0)) {
    throw refuse("illegal_parameter", "the key share of the remote gives no secret");
  }
  return secret;
}
