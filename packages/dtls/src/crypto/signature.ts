import { constants, sign, verify, type KeyObject } from "node:crypto";
import { refuse } from "../alerts.js";

interface SignatureScheme {
  readonly id: number;
  readonly key: "ec" | "rsa";
  readonly hash: "sha256" | "sha384" | "sha512";
  readonly pss: boolean;
}

/** RFC 5246 section 7.4.1.4.1 and RFC 8446 section 4.2.3, in order of preference. No SHA-1. */
const schemes: readonly SignatureScheme[] = [
  { id: 0x0403, key: "ec", hash: "sha256", pss: false },
  { id: 0x0503, key: "ec", hash: "sha384", pss: false },
  { id: 0x0603, key: "ec", hash: "sha512", pss: false },
  { id: 0x0804, key: "rsa", hash: "sha256", pss: true },
  { id: 0x0805, key: "rsa", hash: "sha384", pss: true },
  { id: 0x0806, key: "rsa", hash: "sha512", pss: true },
  { id: 0x0401, key: "rsa", hash: "sha256", pss: false },
  { id: 0x0501, key: "rsa", hash: "sha384", pss: false },
  { id: 0x0601, key: "rsa", hash: "sha512", pss: false },
];

export const signatureSchemeIds: readonly number[] = schemes.map(({ id }) => id);

export interface Signature {
  readonly scheme: number;
  readonly value: Buffer;
}

function signingInput(key: KeyObject, pss: boolean) {
  if (!pss) return key;
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

/** Signs with the first scheme that suits the key and that the remote accepts. */
export function signFor(accepted: readonly number[], key: KeyObject, data: Buffer): Signature {
  const scheme = schemes.find(
    ({ id, key: type }) => type === key.asymmetricKeyType && accepted.includes(id),
  );
  if (scheme === undefined) {
    throw refuse("handshake_failure", "the remote accepts no signature of our certificate's key");
  }
  return { scheme: scheme.id, value: sign(scheme.hash, data, signingInput(key, scheme.pss)) };
}

/** @throws ConicError with alert `decrypt_error` when the signature is not of this key over this data. */
export function checkSignature(key: KeyObject, data: Buffer, signature: Signature): void {
  const scheme = schemes.find(({ id }) => id === signature.scheme);
  if (scheme === undefined || scheme.key !== key.asymmetricKeyType) {
    throw refuse("illegal_parameter", "the remote signs in a way that was not offered");
  }
  if (!verify(scheme.hash, data, signingInput(key, scheme.pss), signature.value)) {
    throw refuse("decrypt_error", "the remote does not have the key of its certificate");
  }
}
