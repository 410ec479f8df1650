import { usageError, type Environment, type FlagValues } from "@conic/internal-cli";
import { readSecret } from "../access/secrets.js";

/** As many as no rate limit has to be trusted with: 24 of base64 are 144 bits. */
const minTokenChars = 24;

export const adminFlags = {
  "admin-token-file": {
    type: "string",
    env: "CONIC_ADMIN_TOKEN_FILE",
    placeholder: "FILE",
    help: "Serve the dashboard at /admin to whoever has the text of this file, 24 characters at least; CONIC_ADMIN_TOKEN may hold the text itself",
  },
} as const;

export interface AdminOptions {
  readonly token: string;
}

/**
 * Undefined: there is no dashboard.
 * @throws ExitError with code 2 and one line that says what is wrong.
 */
export function readAdmin(
  values: FlagValues<typeof adminFlags>,
  env: Environment,
): AdminOptions | undefined {
  const path = values["admin-token-file"];
  const secret = readSecret("--admin-token-file", path, "CONIC_ADMIN_TOKEN", env);
  if (secret === undefined) return undefined;
  if (!/^[!-~]+$/.test(secret.text)) {
    throw usageError(`${secret.source} has characters that no HTTP header can hold`);
  }
  if (secret.text.length < minTokenChars) {
    throw usageError(
      `${secret.source} is shorter than ${minTokenChars} characters; make one with: openssl rand -base64 24`,
    );
  }
  return { token: secret.text };
}
