import { maxClientIdChars, type ClientId, type Frame } from "@conic/domain";
import {
  maxCorrelationIdChars,
  type ClientMessage,
  type Decoded,
  type RelayHead,
  type RelayMessage,
  type RelayMessageType,
} from "../messages.js";
import { ackPattern, relayPatterns } from "./patterns.js";

/** A frame that was recognised, and its own head. Its content is valid, and read when it is asked for. */
class RecognisedFrame implements Decoded<RelayMessage>, RelayHead {
  readonly frame: Frame;
  readonly type: RelayMessageType;
  readonly id: string | undefined;
  readonly ID: ClientId | undefined;
  readonly TargetID: ClientId;
  #message: RelayMessage | undefined;

  constructor(
    frame: Frame,
    type: RelayMessageType,
    id: string | undefined,
    sender: ClientId | undefined,
    target: ClientId,
  ) {
    this.frame = frame;
    this.type = type;
    this.id = id;
    this.ID = sender;
    this.TargetID = target;
  }

  get head(): RelayHead {
    return this;
  }

  get message(): RelayMessage {
    this.#message ??= this.#read();
    return this.#message;
  }

  #read(): RelayMessage {
    const { type, id } = this;
    const { raw } = JSON.parse(this.frame.text) as { readonly raw: string };
    // It has the known fields and no others, each of its type.
    const body: unknown = JSON.parse(raw);
    const message = id === undefined ? { type, body } : { type, id, body };
    return message as RelayMessage;
  }
}

function tooLong(correlation: string | undefined): boolean {
  return correlation !== undefined && correlation.length > maxCorrelationIdChars;
}

/**
 * A message that is forwarded, when it is written as most are; `frameText` is the text of the frame, which is UTF-8.
 * Undefined says nothing about the frame.
 */
export function recogniseRelay(frame: Frame, frameText: string): Decoded<RelayMessage> | undefined {
  for (const [type, pattern] of relayPatterns) {
    const match = pattern.exec(frameText);
    if (match === null) continue;
    const [, from, to = "", correlation] = match;
    if ((from?.length ?? 0) > maxClientIdChars || to.length > maxClientIdChars) return undefined;
    if (tooLong(correlation)) return undefined;
    const sender = from as ClientId | undefined;
    return new RecognisedFrame(frame, type, correlation, sender, to as ClientId);
  }
  return undefined;
}

/** The same for `ack`. */
export function recogniseAck(
  frame: Frame,
  frameText: string,
): Decoded<ClientMessage<"ack">> | undefined {
  const match = ackPattern.exec(frameText);
  if (match === null || tooLong(match[2])) return undefined;
  const [, received, correlation] = match;
  const body = { Received: Number(received) };
  const message =
    correlation === undefined
      ? ({ type: "ack", body } as const)
      : ({ type: "ack", id: correlation, body } as const);
  return { message, frame };
}
