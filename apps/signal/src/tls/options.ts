import { usageError, type FlagValues } from "@conic/internal-cli";

export const tlsFlags = {
  cert: {
    type: "string",
    env: "CONIC_CERT",
    placeholder: "FILE",
    help: "Serve wss:// and https:// with this certificate and those that lead to its authority, in PEM; read again when it changes, and on SIGHUP",
  },
  key: {
    type: "string",
    env: "CONIC_KEY",
    placeholder: "FILE",
    help: "Its private key, in PEM, without a passphrase",
  },
} as const;

/** Where certificate and key are. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * Undefined: no TLS.
 * @throws ExitError with code 2 and one line that says what is wrong.
 */
export function readTls({ cert, key }: FlagValues<typeof tlsFlags>): TlsFiles | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || cert === "") throw usageError("--key needs --cert");
  if (key === undefined || key === "") throw usageError("--cert needs --key");
  return { cert, key };
}
