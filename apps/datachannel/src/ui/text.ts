import { printable } from "@conic/internal-cli";
import type { ChatEvent } from "../chat/events.js";
import type { ChannelRow } from "../chat/peer.js";
import type { MemberRow } from "../chat/rooms.js";

const pathNames = { direct: "direct", nat: "through NAT", relay: "through a relay" } as const;

function messageLine(event: Extract<ChatEvent, { event: "message" }>, label: string): string {
  const where = event.label === label ? "" : ` [${printable(event.label)}]`;
  const what = event.text === undefined ? `<${event.bytes} bytes of data>` : printable(event.text);
  return `${event.peer}${where}: ${what}`;
}

/** The line for people; undefined for what they have seen already. `label` is the usual channel. */
export function describe(event: ChatEvent, label: string): string | undefined {
  switch (event.event) {
    case "registered":
      return `Your ID: ${event.id}`;
    case "waiting":
      return `* ${event.id} is kept for a program that broke off; waiting until it is free`;
    case "server":
      return event.state === "reconnecting"
        ? "* the server went away; open chats go on, new calls wait until it is back"
        : "* the server is back: registered again";
    case "calling":
      return `* calling ${event.peer} …`;
    case "incoming":
      return `* ${event.peer} is calling`;
    case "connected":
      return `* connected to ${event.peer} (${pathNames[event.path]}, ${event.ms} ms)`;
    case "path":
      return `* the path to ${event.peer} is ${pathNames[event.path]} now`;
    case "room":
      return `* ${event.state} the room ${event.room}`;
    case "member":
      return event.state === "joined"
        ? `* ${event.peer} is in ${event.room}`
        : `* ${event.peer} left ${event.room}`;
    case "silent":
      return `* no sign of life from ${event.peer}; waiting for it to come back ("offer ${event.peer}" calls again)`;
    case "back":
      return `* ${event.peer} is back`;
    case "left":
      // Without a reason it was this side that left.
      if (event.clean && event.reason === "") return undefined;
      return event.clean
        ? `* ${event.peer} left`
        : `* lost ${event.peer}: ${event.reason} ("offer ${event.peer}" calls again)`;
    case "channel": {
      if (event.label === label && event.state === "open") return undefined;
      const done = event.state === "open" ? "opened" : "closed";
      return `* channel "${printable(event.label)}" with ${event.peer} ${done}`;
    }
    case "message":
      return messageLine(event, label);
    case "sent":
      return undefined;
    case "error":
      return `! ${printable(event.message)}`;
  }
}

function amount(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** The table of `list`. */
export function channelTable(rows: readonly ChannelRow[]): string[] {
  if (rows.length === 0) return ["no channels yet: offer <peer_id> opens one"];
  const header = ["LABEL", "STATE", "PEER", "SENT", "RECEIVED", "BUFFERED"];
  const cells = rows.map((row) => [
    printable(row.label),
    row.state,
    row.peer,
    `${row.messagesSent} (${amount(row.bytesSent)})`,
    `${row.messagesReceived} (${amount(row.bytesReceived)})`,
    amount(row.buffered),
  ]);
  return aligned([header, ...cells]);
}

/** The table of `peers`. */
export function memberTable(rows: readonly MemberRow[], rooms: readonly string[]): string[] {
  if (rooms.length === 0) return ["no rooms yet: join <room> enters one"];
  if (rows.length === 0) return [`nobody else is in ${rooms.join(", ")}`];
  return aligned([["ROOM", "PEER"], ...rows.map(({ room, peer }) => [room, peer])]);
}

function aligned(table: readonly (readonly string[])[]): string[] {
  const [header = []] = table;
  const widths = header.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
