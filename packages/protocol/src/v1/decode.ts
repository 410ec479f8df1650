import { ConicError, type Frame } from "@conic/domain";
import { ambiguity, knownKeys, own, parseObject, type JsonObject } from "../json/object.js";
import type { SchemaIssue } from "../schema.js";
import { recogniseAck, recogniseRelay } from "./guard/recognise.js";
import { recogniseRegister } from "./guard/register.js";
import {
  maxCorrelationIdChars,
  type ClientMessage,
  type Decoded,
  type Message,
  type ServerMessage,
} from "./messages.js";
import { clientTypes, serverTypes, type TypeInfo } from "./schema.js";

type DecodeErrorCode = "invalid_message" | "unsupported_type" | "invalid_id";
export type Types = Readonly<Record<string, TypeInfo<unknown>>>;

const envelopeKeys = knownKeys(["type", "raw", "id"]);
const encoder = new TextEncoder();

export function decodeError(code: DecodeErrorCode, message: string, id?: string): ConicError {
  return new ConicError(code, message, id === undefined ? {} : { details: { id } });
}

/**
 * The text of a frame that is UTF-8. Decoding replaces broken bytes by U+FFFD, and the frame that is forwarded
 * would still hold them: the receiver's WebSocket fails on them, and closes (RFC 6455 section 8.1).
 */
export function frameText(frame: Frame): string {
  const { text } = frame;
  if (text.includes("\uFFFD")) {
    const { bytes } = frame;
    // U+FFFD is at least as long as what it replaces, so that no byte received is left uncompared.
    if (encoder.encode(text).some((byte, i) => byte !== bytes[i])) {
      throw decodeError("invalid_message", "the frame is not UTF-8; encode it as UTF-8");
    }
  }
  return text;
}

function correlationId(envelope: JsonObject): string | undefined {
  const id = own(envelope, "id");
  if (id === undefined) return undefined;
  if (typeof id === "string" && id.length <= maxCorrelationIdChars) return id;
  throw decodeError(
    "invalid_message",
    `id must be a string of at most ${maxCorrelationIdChars} characters; shorten it or leave it out`,
  );
}

export function typeInfo(
  envelope: JsonObject,
  types: Types,
  id?: string,
): [string, TypeInfo<unknown>] {
  const type = own(envelope, "type");
  if (typeof type !== "string") {
    throw decodeError("invalid_message", "type must be a string that names the message type", id);
  }
  const found = Object.hasOwn(types, type) ? types[type] : undefined;
  if (found !== undefined) return [type, found];
  const known = Object.keys(types).join(", ");
  // Echoed only where it can neither break a log line nor fill one.
  const name = /^[\w.-]{1,32}$/.test(type) ? ` "${type}"` : "";
  throw decodeError("unsupported_type", `the message type${name} is unknown; use ${known}`, id);
}

/** `part` is the part of the message that the schema is for, such as "raw of sdp". */
export function issueError(part: string, issue: SchemaIssue | undefined, id?: string): ConicError {
  const path = issue?.path.join(".") ?? "";
  const at = path === "" ? "" : ` at ${path}`;
  const code = issue?.params?.["code"] === "invalid_id" ? "invalid_id" : "invalid_message";
  return decodeError(code, `the ${part} is wrong${at}: ${issue?.message ?? ""}`, id);
}

/** The body in `raw`; `type` is a known one. */
function decodeBody(envelope: JsonObject, type: string, info: TypeInfo<unknown>, id?: string) {
  const raw = own(envelope, "raw");
  // Go writes a string that was never set as "", and a json.RawMessage as null.
  const absent = raw === undefined || raw === null || raw === "";
  const text = absent && info.rawOptional ? "{}" : raw;
  if (typeof text !== "string") {
    const hint = "raw must be a string that holds a JSON object, as JSON.stringify makes it";
    throw decodeError("invalid_message", `${hint}, for the type ${type}`, id);
  }
  const object = parseObject(text);
  if (object === undefined) {
    throw decodeError("invalid_message", `the raw of ${type} must hold one JSON object`, id);
  }
  const problem = ambiguity(text, object, info.keys);
  if (problem !== undefined) {
    throw decodeError("invalid_message", `the raw of ${type} is ambiguous: ${problem}`, id);
  }
  const result = info.schema.safeParse(object);
  if (!result.success) throw issueError(`raw of ${type}`, result.error.issues[0], id);
  return result.data;
}

/**
 * The definition: what the guard recognises is decoded in the same way, and what it does not, here.
 * @throws ConicError as {@link decodeClientMessage}.
 */
export function decodeBySchema<M extends Message>(frame: Frame, types: Types): Decoded<M> {
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
  const [type, info] = typeInfo(envelope, types, id);
  const body = decodeBody(envelope, type, info, id);
  const message = id === undefined ? { type, body } : { type, id, body };
  return { message: message as Message as M, frame };
}

/**
 * What a client sent. Unknown fields are not in the message; they stay in the frame.
 * @throws ConicError `invalid_message`, `unsupported_type` or `invalid_id`, and nothing else whatever the frame
 * holds; `details.id` is the correlation id, where one could be read.
 */
export function decodeClientMessage(frame: Frame): Decoded<ClientMessage> {
  const text = frameText(frame);
  return (
    recogniseRelay(frame, text) ??
    recogniseAck(frame, text) ??
    recogniseRegister(frame, text) ??
    decodeBySchema(frame, clientTypes)
  );
}

/** What a server sent; throws as {@link decodeClientMessage} does. */
export function decodeServerMessage(frame: Frame): Decoded<ServerMessage> {
  const text = frameText(frame);
  const relayed = recogniseRelay(frame, text);
  // Forwarded: the sender is named.
  if (relayed?.head?.ID !== undefined) return relayed as Decoded<ServerMessage>;
  return recogniseAck(frame, text) ?? decodeBySchema(frame, serverTypes);
}
