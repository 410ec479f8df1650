import { isClientId, type Frame } from "@conic/domain";
import {
  maxCorrelationIdChars,
  type ClientMessage,
  type Decoded,
  type RegisterBody,
} from "../messages.js";
import { chars, count, quote } from "./patterns.js";

// As the patterns of what is relayed: accepts less than the schema does, and never more.

/** A string without escapes: of its characters, all stand for themselves. */
const plain = `${chars}*`;

function member(key: string, value: string): string {
  // Behind the comma there is another member.
  return `(?:${quote}${key}${quote}: ?${value}(?:, ?(?=${quote})|(?=\\})))?`;
}

const text = `${quote}(${plain})${quote}`;
const members = [
  member("ID", text),
  member("Token", text),
  member("Resume", text),
  member("Received", count),
];

/** Groups: ID, Token, Resume, Received, correlation id. */
const pattern = new RegExp(
  String.raw`^\{"type": ?"register"(?:, ?"raw": ?"\{${members.join("")}\}")?(?:, ?"id": ?"(${plain})")?\}$`,
);

type Draft = { -readonly [Key in keyof RegisterBody]: RegisterBody[Key] };

/**
 * A `register` that is written as most are; `frameText` is the text of the frame, which is UTF-8. Undefined says
 * nothing about the frame.
 */
export function recogniseRegister(
  frame: Frame,
  frameText: string,
): Decoded<ClientMessage<"register">> | undefined {
  const match = pattern.exec(frameText);
  if (match === null) return undefined;
  const [, id, token, resume, received, correlation] = match;
  if (id !== undefined && !isClientId(id)) return undefined;
  if (correlation !== undefined && correlation.length > maxCorrelationIdChars) return undefined;
  const body: Draft = {};
  if (id !== undefined) body.ID = id;
  if (token !== undefined) body.Token = token;
  if (resume !== undefined) body.Resume = resume;
  if (received !== undefined) body.Received = Number(received);
  const message =
    correlation === undefined
      ? ({ type: "register", body } as const)
      : ({ type: "register", id: correlation, body } as const);
  return { message, frame };
}
