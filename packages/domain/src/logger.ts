export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Where libraries say what happens. The argument order is pino's, so that a pino logger is one.
 *
 * - `debug`: each message and state change, for whoever is looking for a fault.
 * - `info`: what an operator wants to know: started, stopped, a client registered.
 * - `warn`: something went wrong that was dealt with: a frame refused, a slow consumer closed.
 * - `error`: something went wrong that needs a person.
 *
 * Message bodies, session descriptions and candidates hold addresses: never log them above debug.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /**
   * Whether entries of this level are written; missing, they may be. Spares the making of fields that nobody sees, which
   * for the `debug` entry of each message is as much work as the message.
   */
  isLevelEnabled?(level: LogLevel): boolean;
  /** A logger that adds `fields` to each entry. */
  child(fields: LogFields): Logger;
}

/** Says nothing: the default of every library. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  isLevelEnabled: () => false,
  child: () => silentLogger,
};
