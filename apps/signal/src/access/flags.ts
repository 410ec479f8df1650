import type { FlagValues } from "@conic/internal-cli";

/** Who signs tokens: the same for checking and for minting. */
export const signerFlags = {
  "auth-secret-file": {
    type: "string",
    env: "CONIC_AUTH_SECRET_FILE",
    placeholder: "FILE",
    help: "Tokens are required, signed HS256 with the text of this file, 32 bytes at least; CONIC_AUTH_SECRET may hold the text itself",
  },
  "auth-audience": {
    type: "string",
    env: "CONIC_AUTH_AUDIENCE",
    placeholder: "NAME",
    help: "The aud of tokens; without it, a token that has one is refused",
  },
  "auth-issuer": {
    type: "string",
    env: "CONIC_AUTH_ISSUER",
    placeholder: "NAME",
    help: "The iss of tokens; without it, any",
  },
} as const;

export const accessFlags = {
  "auth-jwks-file": {
    type: "string",
    env: "CONIC_AUTH_JWKS_FILE",
    placeholder: "FILE",
    help: "Tokens are required, signed with a key of this JWK set (HS256, RS256, EdDSA); read again when it changes",
  },
  "auth-public-key-file": {
    type: "string",
    env: "CONIC_AUTH_PUBLIC_KEY_FILE",
    placeholder: "FILE",
    help: "Tokens are required, signed RS256 or EdDSA for this public key in PEM or as a JWK",
  },
  "allow-origin": {
    type: "string",
    env: "CONIC_ALLOW_ORIGIN",
    placeholder: "ORIGIN",
    help: "Only pages of this origin may connect, such as https://example.net; may be repeated. Programs are not concerned",
  },
  "turn-url": {
    type: "string",
    env: "CONIC_TURN_URL",
    placeholder: "URL",
    help: "TURN server for which each client is told credentials of its own, such as turn:turn.example.net:3478; may be repeated",
  },
  "turn-secret-file": {
    type: "string",
    env: "CONIC_TURN_SECRET_FILE",
    placeholder: "FILE",
    help: "What the TURN server shares with this one (static-auth-secret of coturn); CONIC_TURN_SECRET may hold the text itself",
  },
  "turn-ttl-s": {
    type: "number",
    default: 3600,
    min: 60,
    max: 86_400,
    env: "CONIC_TURN_TTL_S",
    help: "How long TURN credentials are good for new relays",
  },
} as const;

export type AccessValues = FlagValues<typeof signerFlags> & FlagValues<typeof accessFlags>;
