import type { Logger } from "@conic/domain";
import { pino, type Logger as PinoLogger } from "pino";
import pretty from "pino-pretty";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export const logFormats = ["text", "json"] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFormat = (typeof logFormats)[number];

function wrap(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => {
      logger.debug(fields, message);
    },
    info: (fields, message) => {
      logger.info(fields, message);
    },
    warn: (fields, message) => {
      logger.warn(fields, message);
    },
    error: (fields, message) => {
      logger.error(fields, message);
    },
    isLevelEnabled: (level) => logger.isLevelEnabled(level),
    child: (fields) => wrap(logger.child(fields)),
  };
}

/**
 * A logger to stderr, so that stdout stays data: one JSON object a line, or a line for people.
 *
 * An app that logs has pino and pino-pretty among its dependencies: they cannot be bundled. `sideEffects: false` in the
 * manifest of this package keeps them out of apps that do not.
 */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly stream?: NodeJS.WritableStream;
}): Logger {
  const stream = options.stream ?? process.stderr;
  const destination =
    options.format === "json"
      ? stream
      : pretty({
          colorize: options.stream === undefined && process.stderr.isTTY,
          ignore: "pid,hostname",
          translateTime: "SYS:HH:MM:ss.l",
          singleLine: true,
          sync: true,
          destination: stream as NodeJS.WritableStream & { fd?: number },
        });
  return wrap(pino({ level: options.level, base: null }, destination));
}
