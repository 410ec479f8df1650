import { once, EventEmitter } from "node:events";
import type { LogFields, Logger } from "@conic/domain";

export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that can be waited for. */
export class TestLog {
  readonly entries: LogEntry[] = [];
  readonly #events = new EventEmitter();
  readonly logger: Logger = {
    debug: (fields, message) => {
      this.#add({ level: "debug", message, fields });
    },
    info: (fields, message) => {
      this.#add({ level: "info", message, fields });
    },
    warn: (fields, message) => {
      this.#add({ level: "warn", message, fields });
    },
    error: (fields, message) => {
      this.#add({ level: "error", message, fields });
    },
    child: () => this.logger,
  };

  /** The first entry, now or later, whose message has this text. It is taken out. */
  async next(text: string): Promise<LogEntry> {
    for (;;) {
      const index = this.entries.findIndex(({ message }) => message.includes(text));
      const [found] = index < 0 ? [] : this.entries.splice(index, 1);
      if (found !== undefined) return found;
      await once(this.#events, "entry");
    }
  }

  #add(entry: LogEntry): void {
    this.entries.push(entry);
    this.#events.emit("entry");
  }
}
