import { ConicError, isConicError, type Frame } from "@conic/domain";
import {
  ambiguity,
  innerAmbiguity,
  isObject,
  knownKeys,
  own,
  parseObject,
} from "../json/object.js";
import type { JsonObject } from "../json/object.js";
import type { TypeInfo } from "../v1/schema.js";
import { decodeError, frameText, issueError, typeInfo, type Types } from "../v1/decode.js";
import { maxCorrelationIdChars } from "../v1/messages.js";
import type { ClientMessage, Decoded, ServerMessage } from "../v1/messages.js";
import type { GoClientMessage, GoMessage, GoServerMessage } from "./messages.js";
import { goClientTypes, goServerTypes } from "./schema.js";
import { isGoTimestamp } from "./timestamp.js";
import { fromGo } from "./translate.js";

const envelopeKeys = knownKeys(["id", "type", "timestamp", "data"]);

/** In Go, null leaves a string as it is: empty. Empty ids and strings are those that were never set. */
const blankable: ReadonlySet<string> = new Set([
  "client_id",
  "from_id",
  "token",
  "label",
  "payload",
  "target_id",
]);

/** Whether a frame, the first of a connection, is of the Go dialect: its envelope has `data` where ours has `raw`. */
export function isGoFrame(frame: Frame): boolean {
  const envelope = parseObject(frame.text);
  if (envelope === undefined || Object.hasOwn(envelope, "raw")) return false;
  const type = own(envelope, "type");
  if (type === "register_request" || type === "unregister_request") return true;
  if (typeof type !== "string" || !Object.hasOwn(goClientTypes, type)) return false;
  return isObject(own(envelope, "data"));
}

function correlationId(envelope: JsonObject): string | undefined {
  const id = own(envelope, "id") ?? "";
  if (typeof id === "string" && id.length <= maxCorrelationIdChars) {
    return id === "" ? undefined : id;
  }
  throw decodeError(
    "invalid_message",
    `id must be a string of at most ${maxCorrelationIdChars} characters; shorten it or leave it out`,
  );
}

function withoutBlanks(data: JsonObject): JsonObject {
  const members = Object.entries(data).filter(
    ([key, value]) => !blankable.has(key) || (value !== "" && value !== null),
  );
  return Object.fromEntries(members);
}

function decodeData(
  text: string,
  envelope: JsonObject,
  type: string,
  info: TypeInfo<unknown>,
  id?: string,
): unknown {
  const data = own(envelope, "data") ?? (info.rawOptional ? {} : undefined);
  if (!isObject(data)) {
    throw decodeError("invalid_message", `data must be a JSON object, for the type ${type}`, id);
  }
  const problem = innerAmbiguity(text, envelope, data, info.keys);
  if (problem !== undefined) {
    throw decodeError("invalid_message", `the data of ${type} is ambiguous: ${problem}`, id);
  }
  const result = info.schema.safeParse(withoutBlanks(data));
  if (!result.success) throw issueError(`data of ${type}`, result.error.issues[0], id);
  return result.data;
}

function decodeGo(frame: Frame, types: Types): GoMessage {
  const text = frameText(frame);
  const envelope = parseObject(text);
  if (envelope === undefined) {
    throw decodeError("invalid_message", "a frame must hold one JSON object with a type");
  }
  const id = correlationId(envelope);
  const problem = ambiguity(text, envelope, envelopeKeys);
  if (problem !== undefined) {
    throw decodeError("invalid_message", `the envelope is ambiguous: ${problem}`, id);
  }
  const timestamp = own(envelope, "timestamp") ?? null;
  if (timestamp !== null && !isGoTimestamp(timestamp)) {
    throw decodeError("invalid_message", "timestamp must be a time as RFC 3339 writes it", id);
  }
  const [type, info] = typeInfo(envelope, types, id);
  try {
    const data = decodeData(text, envelope, type, info, id);
    return (id === undefined ? { type, data } : { type, id, data }) as GoMessage;
  } catch (error) {
    throw isConicError(error) ? withType(error, type) : error;
  }
}

/** Says what was refused: a request is answered by a response. */
function withType({ code, message, details }: ConicError, type: string): ConicError {
  return new ConicError(code, message, { details: { ...details, type } });
}

/**
 * What a client of the Go dialect sent, as a message of `conic.v1`, with the frame that it came in.
 * @throws ConicError `invalid_message`, `unsupported_type` or `invalid_id`, and nothing else whatever the frame holds;
 * `details.id` is its id, and `details.type` its type in this dialect, where they could be read.
 */
export function decodeGoClientMessage(frame: Frame): Decoded<ClientMessage> {
  return { message: fromGo(decodeGo(frame, goClientTypes) as GoClientMessage), frame };
}

/** What a server of the Go dialect sent; throws as {@link decodeGoClientMessage} does. */
export function decodeGoServerMessage(frame: Frame): Decoded<ServerMessage> {
  const message = decodeGo(frame, goServerTypes) as GoServerMessage;
  return { message: fromGo(message) as ServerMessage, frame };
}
