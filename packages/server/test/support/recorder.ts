import type { Logger } from "@conic/domain";

/** One line of a log. */
export interface Entry {
  readonly level: string;
  readonly message: string;
  readonly text: string;
}

/** A logger that keeps what it is told. */
export function recorder(): { entries: Entry[]; logger: Logger } {
  const entries: Entry[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      entries.push({ level, message, text: JSON.stringify(fields) });
    };
  const logger: Logger = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => logger,
  };
  return { entries, logger };
}
