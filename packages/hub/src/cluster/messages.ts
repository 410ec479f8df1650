import { ConicError, Frame, isErrorCode, type ClientId, type Delivery } from "@conic/domain";
import { parseClientId } from "@conic/domain";
import { MessageReader } from "../wire/reader.js";
import { MessageWriter } from "../wire/writer.js";

const types = { send: 1, outcome: 2, failure: 3, broadcast: 4, count: 5 } as const;

type Undeliverable = Extract<Delivery, { status: "undeliverable" }>["reason"];
/** By the number that stands for it. */
const outcomes = ["sent", "target_not_found", "slow_consumer", "closed"] as const;

/** What hubs of different nodes tell each other. Numbers are the asking node's. */
export type HubMessage =
  | {
      readonly type: "send";
      readonly number: number;
      readonly to: ClientId;
      readonly frame: Frame;
    }
  | {
      readonly type: "outcome";
      readonly number: number;
      readonly outcome: "sent" | Undeliverable;
    }
  | { readonly type: "failure"; readonly number: number; readonly error: ConicError }
  | {
      readonly type: "broadcast";
      readonly number: number;
      readonly except: ClientId | undefined;
      readonly frame: Frame;
    }
  | { readonly type: "count"; readonly number: number; readonly count: number };

export function encodeHubMessage(message: HubMessage): Uint8Array {
  const room = "frame" in message ? message.frame.byteLength + 96 : 96;
  const writer = new MessageWriter(room).u8(types[message.type]).u32(message.number);
  switch (message.type) {
    case "send":
      return writer.string(message.to).bytes(message.frame.bytes).end();
    case "outcome":
      return writer.u8(outcomes.indexOf(message.outcome)).end();
    case "failure":
      return writer.string(message.error.code).string(message.error.message).end();
    case "broadcast":
      return writer
        .string(message.except ?? "")
        .bytes(message.frame.bytes)
        .end();
    case "count":
      return writer.u32(message.count).end();
  }
}

/** @throws ConicError `invalid_data`, `invalid_id` for what no hub says. */
export function decodeHubMessage(bytes: Uint8Array): HubMessage {
  const reader = new MessageReader(bytes);
  const type = reader.u8();
  const message = decodeBody(type, reader.u32(), reader);
  reader.end();
  return message;
}

function decodeBody(type: number, number: number, reader: MessageReader): HubMessage {
  switch (type) {
    case types.send: {
      const to = parseClientId(reader.string());
      return { type: "send", number, to, frame: Frame.fromBytes(reader.bytes()) };
    }
    case types.outcome: {
      const outcome = outcomes[reader.u8()];
      if (outcome === undefined) throw unknown();
      return { type: "outcome", number, outcome };
    }
    case types.failure: {
      const code = reader.string();
      const text = reader.string();
      const error = new ConicError(isErrorCode(code) ? code : "internal", text);
      return { type: "failure", number, error };
    }
    case types.broadcast: {
      const id = reader.string();
      const except = id === "" ? undefined : parseClientId(id);
      return { type: "broadcast", number, except, frame: Frame.fromBytes(reader.bytes()) };
    }
    case types.count:
      return { type: "count", number, count: reader.u32() };
    default:
      throw unknown();
  }
}

function unknown(): ConicError {
  return new ConicError("invalid_data", "a hub of another node says something unknown", {
    details: { byteOffset: 0 },
  });
}
