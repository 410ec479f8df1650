import { Frame, type ConicError, type Logger } from "@conic/domain";
import {
  Router,
  type Handlers,
  type RouterOptions,
  type RouterSession,
  type ServerMessage,
} from "../../src/index.js";

export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
}

export class RecordingLogger implements Logger {
  readonly entries: LogEntry[] = [];
  readonly debug: Logger["debug"] = this.#at("debug");
  readonly info: Logger["info"] = this.#at("info");
  readonly warn: Logger["warn"] = this.#at("warn");
  readonly error: Logger["error"] = this.#at("error");

  child(): Logger {
    return this;
  }

  #at(level: LogEntry["level"]): Logger["debug"] {
    return (fields) => {
      this.entries.push({ level, fields });
    };
  }
}

const ignore = (): void => undefined;

/** Handlers that do nothing, but for the given ones. */
export function handlers(given: Partial<Handlers<string>> = {}): Handlers<string> {
  return {
    register: ignore,
    unregister: ignore,
    sdp: ignore,
    candidate: ignore,
    data_channel: ignore,
    join: ignore,
    leave: ignore,
    report: ignore,
    ack: ignore,
    ...given,
  };
}

export interface Harness {
  readonly session: RouterSession;
  /** What happened, in order: a reply as `reply Code id`, an end of the connection as `close code`. */
  readonly events: string[];
  readonly replies: ServerMessage<"error">[];
  readonly closed: ConicError[];
  readonly logger: RecordingLogger;
}

/** A session of the connection "context", and what it tells that connection. */
export function harness(
  given: Partial<Handlers<string>>,
  options: Partial<RouterOptions<string>> = {},
): Harness {
  const events: string[] = [];
  const replies: ServerMessage<"error">[] = [];
  const closed: ConicError[] = [];
  const logger = new RecordingLogger();
  const router = new Router<string>({
    handlers: handlers(given),
    logger,
    reply: (message) => {
      replies.push(message);
      events.push(`reply ${message.body.Code} ${message.id ?? "-"}`);
    },
    close: (closeCode, error) => {
      closed.push(error);
      events.push(`close ${closeCode}`);
    },
    ...options,
  });
  return { session: router.session("context"), events, replies, closed, logger };
}

export function candidateFrame(id: string, candidate = ""): Frame {
  const raw = JSON.stringify({ TargetID: "bob", Candidate: candidate });
  return Frame.fromText(JSON.stringify({ type: "candidate", raw, id }));
}
