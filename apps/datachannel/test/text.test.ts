import { ConicError } from "@conic/domain";
import { ExitError } from "@conic/internal-cli";
import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../src/chat/events.js";
import { serverUrl, startError } from "../src/options.js";
import { channelTable, describe as line, printable } from "../src/ui/text.js";

describe("text of others", () => {
  it("cannot move the cursor, clear the screen, ring or reverse what is read", () => {
    const hostile = "\u001b[2J\u001b]0;title\u0007 a\rb \u0008 \u009b31m \u202eevil\u2069";
    const shown = printable(hostile);
    expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    expect(shown).toContain("\\u001b[2J");
  });

  it("keeps letters of every script, and indents further lines", () => {
    expect(printable("日本語 ünï 🙂\ttab")).toBe("日本語 ünï 🙂  tab");
    expect(printable("one\nbob: forged")).toBe("one\n    bob: forged");
  });
});

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
    [{ event: "left", peer: "bob", clean: true, reason: "closed by the remote" }, "* bob left"],
    [{ event: "sent", peer: "bob", label: "chat", bytes: 1 }, undefined],
    [{ event: "error", code: "usage", message: "usage: list" }, "! usage: list"],
  ])("%j", (event, text) => {
    expect(line(event, "chat")).toBe(text);
  });

  it("says how to call again when a peer is lost", () => {
    const lost = { event: "left", peer: "bob", clean: false, reason: "no answer" } as const;
    expect(line(lost, "chat")).toContain('"offer bob" calls again');
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

describe("options", () => {
  it.each([
    ["localhost:3000", "ws://localhost:3000/ws"],
    ["example.net", "ws://example.net/ws"],
    ["wss://example.net/", "wss://example.net/ws"],
    ["ws://example.net/signal", "ws://example.net/signal"],
    ["[::1]:3000", "ws://[::1]:3000/ws"],
  ])("--addr=%s is %s", (addr, url) => {
    expect(serverUrl(addr)).toBe(url);
  });

  it.each(["http://example.net", "ws://", "a b"])(
    "--addr=%s is refused with exit code 2",
    (addr) => {
      expect(() => serverUrl(addr)).toThrow(ExitError);
      expect(() => serverUrl(addr)).toThrow(/--addr is host:port or a ws:\/\/ URL/);
    },
  );

  it.each([
    [new ConicError("unreachable", "refused"), 3],
    [new ConicError("timeout", "slow"), 3],
    [new ConicError("id_taken", "taken"), 2],
    [new ConicError("invalid_id", "bad"), 2],
    [new ConicError("unauthorized", "no"), 1],
  ])("%s ends with its exit code and what to do", (error, exitCode) => {
    expect(startError(error, "ws://s/ws")).toMatchObject({ exitCode });
  });
});
