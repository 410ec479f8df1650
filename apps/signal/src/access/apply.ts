import { isConicError, type Logger } from "@conic/domain";
import { usageError } from "@conic/internal-cli";
import { createTokenAuthenticator, type SignalingServerOptions } from "@conic/server";
import type { AccessOptions, AuthOptions } from "./read.js";

/**
 * What was read, as the server takes it. Keys are judged here.
 * @throws ExitError with code 2 that names the option they came from.
 */
export function serverAccess(access: AccessOptions, logger: Logger): SignalingServerOptions {
  const { auth, allowedOrigins, turn } = access;
  return {
    ...(auth === undefined ? {} : { authenticate: authenticator(auth, logger) }),
    ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
    ...(turn === undefined ? {} : { turn }),
  };
}

function authenticator(
  { keys, source, audience, issuer }: AuthOptions,
  logger: Logger,
): ReturnType<typeof createTokenAuthenticator> {
  try {
    return createTokenAuthenticator({
      keys,
      logger,
      ...(audience === undefined ? {} : { audience }),
      ...(issuer === undefined ? {} : { issuer }),
    });
  } catch (error) {
    throw isConicError(error, "invalid_argument")
      ? usageError(`${source}: ${error.message}`)
      : error;
  }
}
