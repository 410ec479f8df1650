import { ConicError, Frame, parseClientId, type ClientId } from "@conic/domain";
import { MessageReader, MessageWriter } from "@conic/hub";
import { parseRoomName, type RoomName } from "@conic/protocol";
import type { Joining } from "../../rooms/registry.js";

/** What nodes tell each other of rooms: the home of a client asks that of the room. */
export type RoomsMessage =
  | {
      readonly type: "join" | "leave";
      /** Of the question, by which it is answered. */
      readonly number: number;
      readonly room: RoomName;
      readonly id: ClientId;
    }
  | {
      readonly type: "joined";
      readonly number: number;
      readonly status: Joining["status"];
      readonly others: readonly ClientId[];
    }
  | { readonly type: "left"; readonly number: number }
  /** Clients of the asking node that are in the room, as far as they know. */
  | { readonly type: "members"; readonly room: RoomName; readonly ids: readonly ClientId[] }
  /** That was all of them. */
  | { readonly type: "synced" }
  /** News of a room for those of these clients that are in it. */
  | {
      readonly type: "news";
      readonly number: number;
      readonly room: RoomName;
      readonly ids: readonly ClientId[];
      /** Whether they are in it no more. */
      readonly isLast: boolean;
      readonly frame: Frame;
    }
  /** They have been told. */
  | { readonly type: "told"; readonly number: number };

const numbers = {
  join: 1,
  leave: 2,
  joined: 3,
  left: 4,
  members: 5,
  synced: 6,
  news: 7,
  told: 8,
} as const;
const statuses = ["joined", "present", "refused"] as const;

export function encodeRoomsMessage(message: RoomsMessage): Uint8Array {
  const writer = new MessageWriter().u8(numbers[message.type]);
  switch (message.type) {
    case "join":
    case "leave":
      return writer.u32(message.number).string(message.room).string(message.id).end();
    case "joined":
      writer.u32(message.number).u8(statuses.indexOf(message.status));
      return writeIds(writer, message.others).end();
    case "left":
    case "told":
      return writer.u32(message.number).end();
    case "news":
      writer
        .u32(message.number)
        .string(message.room)
        .u8(message.isLast ? 1 : 0);
      return writeIds(writer, message.ids).bytes(message.frame.bytes).end();
    case "members":
      return writeIds(writer.string(message.room), message.ids).end();
    case "synced":
      return writer.end();
  }
}

/** @throws ConicError `invalid_data`, `invalid_id`, `invalid_argument` for what no node says. */
export function decodeRoomsMessage(bytes: Uint8Array): RoomsMessage {
  const reader = new MessageReader(bytes);
  const message = decodeBody(reader.u8(), reader);
  reader.end();
  return message;
}

function decodeBody(type: number, reader: MessageReader): RoomsMessage {
  switch (type) {
    case numbers.join:
    case numbers.leave: {
      const number = reader.u32();
      const room = parseRoomName(reader.string());
      const id = parseClientId(reader.string());
      return { type: type === numbers.join ? "join" : "leave", number, room, id };
    }
    case numbers.joined: {
      const number = reader.u32();
      const status = statuses[reader.u8()];
      if (status === undefined) throw unknown();
      return { type: "joined", number, status, others: readIds(reader) };
    }
    case numbers.left:
      return { type: "left", number: reader.u32() };
    case numbers.members:
      return { type: "members", room: parseRoomName(reader.string()), ids: readIds(reader) };
    case numbers.synced:
      return { type: "synced" };
    case numbers.news: {
      const head = {
        number: reader.u32(),
        room: parseRoomName(reader.string()),
        isLast: reader.u8() === 1,
        ids: readIds(reader),
      };
      return { type: "news", ...head, frame: Frame.fromBytes(reader.bytes()) };
    }
    case numbers.told:
      return { type: "told", number: reader.u32() };
    default:
      throw unknown();
  }
}

function writeIds(writer: MessageWriter, ids: readonly ClientId[]): MessageWriter {
  writer.u32(ids.length);
  for (const id of ids) writer.string(id);
  return writer;
}

function readIds(reader: MessageReader): ClientId[] {
  const count = reader.u32();
  const ids: ClientId[] = [];
  // Stops at the end of the message, whatever the count says.
  for (let i = 0; i < count; i += 1) ids.push(parseClientId(reader.string()));
  return ids;
}

function unknown(): ConicError {
  return new ConicError("invalid_data", "another node says something unknown of a room", {
    details: { byteOffset: 0 },
  });
}
