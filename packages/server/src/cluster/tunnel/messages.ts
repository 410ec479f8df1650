import { ConicError, Frame, isErrorCode, type ErrorCode, type NodeId } from "@conic/domain";
import { MessageReader, MessageWriter } from "@conic/hub";

/** Of a tunnel: the number that the node gave it to which the client is connected. */
interface Numbered {
  readonly tunnel: number;
}

/** What the node that a client is connected to, the entry, tells the home of its id. */
export type EntryMessage = Numbered &
  (
    | {
        readonly type: "open";
        /** Of the connection, for logs. */
        readonly name: string;
        readonly protocol: string;
        readonly remoteAddress: string;
        /** Time for which it has been open without holding an id. */
        readonly waitedMs: number;
      }
    | { readonly type: "up"; readonly frame: Frame }
    /** So many bytes have left for the client. */
    | { readonly type: "sent"; readonly bytes: number }
    /** The connection has ended. */
    | {
        readonly type: "ended";
        readonly code: number;
        readonly reason: string;
        readonly wasClean: boolean;
        readonly error: ErrorCode | undefined;
      }
    /** The answer to `move`: no more comes. */
    | { readonly type: "left" }
    /** The entry shuts down. */
    | { readonly type: "leaving" }
  );

/** What the home tells the entry. */
export type HomeMessage = Numbered &
  (
    | { readonly type: "down"; readonly frame: Frame }
    /** So many bytes of the client were read. */
    | { readonly type: "read"; readonly bytes: number }
    | { readonly type: "close"; readonly code: number; readonly reason: string }
    | { readonly type: "abort" }
    /** The client has asked for an id of another node, with this frame. What it sent behind it follows as `back`. */
    | {
        readonly type: "move";
        readonly node: NodeId;
        readonly waitedMs: number;
        readonly frame: Frame;
      }
    | { readonly type: "back"; readonly frame: Frame }
    | { readonly type: "done" }
  );

export type TunnelMessage = EntryMessage | HomeMessage;

const numbers = {
  open: 1,
  up: 2,
  sent: 3,
  ended: 4,
  left: 5,
  leaving: 6,
  down: 7,
  read: 8,
  close: 9,
  abort: 10,
  move: 11,
  back: 12,
  done: 13,
} as const satisfies Record<TunnelMessage["type"], number>;

const largestTimeMs = 0xffff_ffff;

export function encodeTunnelMessage(message: TunnelMessage): Uint8Array {
  const room = "frame" in message ? message.frame.byteLength + 64 : 64;
  const writer = new MessageWriter(room).u8(numbers[message.type]).u32(message.tunnel);
  return encodeBody(message, writer).end();
}

function encodeBody(message: TunnelMessage, writer: MessageWriter): MessageWriter {
  switch (message.type) {
    case "open":
      return writer
        .string(message.name)
        .string(message.protocol)
        .string(message.remoteAddress)
        .u32(wholeTime(message.waitedMs));
    case "up":
    case "down":
    case "back":
      return writer.bytes(message.frame.bytes);
    case "sent":
    case "read":
      return writer.u32(message.bytes);
    case "ended":
      return writer
        .u32(message.code)
        .string(message.reason)
        .u8(message.wasClean ? 1 : 0)
        .string(message.error ?? "");
    case "close":
      return writer.u32(message.code).string(message.reason);
    case "move":
      return writer
        .string(message.node)
        .u32(wholeTime(message.waitedMs))
        .bytes(message.frame.bytes);
    case "left":
    case "leaving":
    case "abort":
    case "done":
      return writer;
  }
}

/** @throws ConicError `invalid_data` for what no node says. */
export function decodeTunnelMessage(bytes: Uint8Array): TunnelMessage {
  const reader = new MessageReader(bytes);
  const number = reader.u8();
  const tunnel = reader.u32();
  const message = number <= numbers.leaving ? fromEntry(number, reader) : fromHome(number, reader);
  reader.end();
  return { ...message, tunnel };
}

type Body<M> = M extends unknown ? Omit<M, "tunnel"> : never;

function fromEntry(number: number, reader: MessageReader): Body<EntryMessage> {
  switch (number) {
    case numbers.open:
      return {
        type: "open",
        name: reader.string(),
        protocol: reader.string(),
        remoteAddress: reader.string(),
        waitedMs: reader.u32(),
      };
    case numbers.up:
      return { type: "up", frame: Frame.fromBytes(reader.bytes()) };
    case numbers.sent:
      return { type: "sent", bytes: reader.u32() };
    case numbers.ended: {
      const body = { code: reader.u32(), reason: reader.string(), wasClean: reader.u8() === 1 };
      const error = reader.string();
      return { type: "ended", ...body, error: isErrorCode(error) ? error : undefined };
    }
    case numbers.left:
      return { type: "left" };
    case numbers.leaving:
      return { type: "leaving" };
    default:
      throw unknown();
  }
}

function fromHome(number: number, reader: MessageReader): Body<HomeMessage> {
  switch (number) {
    case numbers.down:
      return { type: "down", frame: Frame.fromBytes(reader.bytes()) };
    case numbers.read:
      return { type: "read", bytes: reader.u32() };
    case numbers.close:
      return { type: "close", code: reader.u32(), reason: reader.string() };
    case numbers.abort:
      return { type: "abort" };
    case numbers.move: {
      const node = reader.string();
      const waitedMs = reader.u32();
      return { type: "move", node, waitedMs, frame: Frame.fromBytes(reader.bytes()) };
    }
    case numbers.back:
      return { type: "back", frame: Frame.fromBytes(reader.bytes()) };
    case numbers.done:
      return { type: "done" };
    default:
      throw unknown();
  }
}

function wholeTime(ms: number): number {
  return Math.min(largestTimeMs, Math.max(0, Math.round(ms)));
}

function unknown(): ConicError {
  return new ConicError("invalid_data", "another node says something unknown of a tunnel", {
    details: { byteOffset: 0 },
  });
}
