import type { Logger } from "@conic/domain";
import type { Logger as PinoLogger } from "pino";

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
 * pino and pino-pretty are loaded here and not before: `--help` needs neither, and JSON no pino-pretty.
 */
export async function createLogger(options: {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly stream?: NodeJS.WritableStream;
}): Promise<Logger> {
  const { default: pino } = await import("pino");
  const stream = options.stream ?? process.stderr;
  const destination = options.format === "json" ? stream : await prettyStream(options.stream);
  return wrap(pino({ level: options.level, base: null }, destination));
}

async function prettyStream(
  stream: NodeJS.WritableStream | undefined,
): Promise<NodeJS.WritableStream> {
  const { default: pretty } = await import("pino-pretty");
  return pretty({
    colorize: stream === undefined && process.stderr.isTTY,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
    singleLine: true,
    sync: true,
    destination: (stream ?? process.stderr) as NodeJS.WritableStream & { fd?: number },
  });
}
