import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../src/chat/events.js";
import { channelTable, describe as line, memberTable } from "../src/ui/text.js";

describe("what people are told", () => {
  it.each<[ChatEvent, string | undefined]>([
    [{ event: "registered", id: "x7", server: "ws://s" }, "Your ID: x7"],
    [{ event: "message", peer: "bob", label: "chat", bytes: 2, text: "hi" }, "bob: hi"],
    [{ event: "message", peer: "bob", label: "files", bytes: 2, text: "hi" }, "bob [files]: hi"],
    [
      { event: "message", peer: "bob", label: "chat", bytes: 3, data: "AAAA" },
      "bob: <3 bytes of data>",
    ],
    [{ event: "channel", peer: "bob", label: "chat", state: "open", by: "remote" }, undefined],
    [{ event: "path", peer: "bob", path: "relay" }, "* the path to bob is through a relay now"],
    [{ event: "left", peer: "bob", clean: true, reason: "closed by the remote" }, "* bob left"],
    [{ event: "room", room: "standup", state: "joined" }, "* joined the room standup"],
    [{ event: "member", room: "standup", peer: "bob", state: "joined" }, "* bob is in standup"],
    [{ event: "member", room: "standup", peer: "bob", state: "left" }, "* bob left standup"],
    [{ event: "sent", peer: "bob", label: "chat", bytes: 1 }, undefined],
    [{ event: "error", code: "usage", message: "usage: list" }, "! usage: list"],
  ])("%j", (event, text) => {
    expect(line(event, "chat")).toBe(text);
  });

  it("says how to call again when a peer is lost", () => {
    const lost = { event: "left", peer: "bob", clean: false, reason: "no answer" } as const;
    expect(line(lost, "chat")).toContain('"offer bob" calls again');
  });

  it("lists who is in which room", () => {
    expect(memberTable([], [])).toEqual(["no rooms yet: join <room> enters one"]);
    expect(memberTable([], ["a", "b"])).toEqual(["nobody else is in a, b"]);
    const rows = [
      { room: "standup", peer: "bob" },
      { room: "x", peer: "carol" },
    ];
    expect(memberTable(rows, ["standup", "x"])).toEqual([
      "ROOM     PEER",
      "standup  bob",
      "x        carol",
    ]);
  });

  it("lists channels in aligned columns", () => {
    const row = {
      label: "chat",
      state: "open",
      peer: "bob",
      messagesSent: 2,
      messagesReceived: 10,
    };
    const bytes = { bytesSent: 17, bytesReceived: 2_097_152, buffered: 2048 };
    expect(channelTable([{ ...row, ...bytes }])).toEqual([
      "LABEL  STATE  PEER  SENT      RECEIVED      BUFFERED",
      "chat   open   bob   2 (17 B)  10 (2.0 MiB)  2.0 KiB",
    ]);
    expect(channelTable([])).toEqual(["no channels yet: offer <peer_id> opens one"]);
  });
});
