import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import {
  ExitError,
  peerError,
  printable,
  serverUrl,
  sessionError,
  startError,
} from "../src/index.js";

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

describe("the address and its errors", () => {
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
    [new ConicError("unauthorized", "no", { details: { reason: "token_missing" } }), 2],
    [new ConicError("unauthorized", "no", { details: { reason: "token_refused" } }), 1],
    [new ConicError("forbidden", "your token is for another id"), 1],
  ])("%s ends with its exit code and what to do", (error, exitCode) => {
    expect(startError(error, "ws://s/ws")).toMatchObject({ exitCode });
  });

  it.each([
    [new ConicError("target_not_found", "no"), 4, /nobody is registered as bob/],
    [new ConicError("timeout", "bob did not connect"), 4, /bob did not connect/],
    [new ConicError("invalid_id", "bad"), 2, /bad/],
    [new ConicError("invalid_argument", "own id"), 2, /own id/],
  ])("a call that fails with %s ends with its exit code", (error, exitCode, message) => {
    const exit = peerError("bob", error);
    expect(exit).toMatchObject({ exitCode, message: expect.stringMatching(message) as string });
  });

  it.each([
    ["token_missing", "give --token-file=FILE, or set CONIC_TOKEN"],
    ["token_refused", "the server does not take the token: expired; put a new one into"],
    [undefined, "expired; connect"],
  ])("a token that is wrong (%s) says what to do", (reason, text) => {
    const error = new ConicError("unauthorized", "expired; connect", { details: { reason } });
    const message = expect.stringContaining(text) as string;
    expect(startError(error, "ws://s/ws")).toMatchObject({ message });
  });

  it("a session that the server ends says why, and what to do about a token", () => {
    const error = new ConicError("unauthorized", "expired", { details: { reason: "token_ended" } });
    expect(sessionError(error)).toMatchObject({
      exitCode: 1,
      message:
        "the server ended the session: expired; put a new one into the --token-file, or CONIC_TOKEN",
    });
    expect(sessionError(new ConicError("replaced", "taken over")).message).toBe(
      "the server ended the session: taken over",
    );
    expect(sessionError(undefined).message).toContain("it closed the connection");
  });

  it("a fault of the program stays one", () => {
    const fault = new TypeError("x is undefined");
    expect(peerError("bob", fault)).toBe(fault);
    expect(startError(fault, "ws://s/ws")).toBe(fault);
  });
});
