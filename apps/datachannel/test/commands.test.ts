import { describe, expect, it } from "vitest";
import { parseCommand } from "../src/chat/commands.js";
import { complete } from "../src/chat/completion.js";

describe("a line at the prompt", () => {
  it.each([
    ["offer bob", { name: "offer", peer: "bob" }],
    ["/offer bob  ", { name: "offer", peer: "bob" }],
    ["channel my files", { name: "channel", label: "my files" }],
    ["send files hello  there", { name: "send", label: "files", message: "hello  there" }],
    ["send chat@bob hi", { name: "send", label: "chat@bob", message: "hi" }],
    ["join standup", { name: "join", room: "standup" }],
    ["/leave standup ", { name: "leave", room: "standup" }],
    ["peers", { name: "peers" }],
    ["list", { name: "list" }],
    ["help", { name: "help" }],
    ["quit", { name: "quit" }],
    ["exit", { name: "quit" }],
    ["   ", { name: "nothing" }],
    ["hello", { name: "say", message: "hello" }],
    ["こんにちは 世界", { name: "say", message: "こんにちは 世界" }],
  ])("%j is a command or a message", (line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });

  it("is a message when it starts with a space, or only sounds like a command", () => {
    expect(parseCommand(" quit")).toEqual({ name: "say", message: "quit" });
    expect(parseCommand("list all of them")).toEqual({ name: "say", message: "list all of them" });
    expect(parseCommand("quit that")).toEqual({ name: "say", message: "quit that" });
  });

  it.each([
    ["offer", "usage: offer <peer_id>"],
    ["offer two words", "usage: offer <peer_id>"],
    ["join", "usage: join <room>"],
    ["join two words", "usage: join <room>"],
    ["leave", "usage: leave <room>"],
    ["channel", "usage: channel <label>"],
    ["send", "usage: send <label> <message>"],
    ["send files", "usage: send <label> <message>"],
    ["/nope", "there is no command /nope: try help"],
  ])("%j is answered with what is wrong", (line, message) => {
    expect(parseCommand(line)).toEqual({ name: "wrong", message });
  });
});

describe("tab completion", () => {
  const words = {
    peers: ["bob", "bert", "alice"],
    labels: ["chat", "chat", "files"],
    rooms: ["standup"],
  };

  it.each([
    ["of", ["offer "], "of"],
    ["/li", ["/list "], "/li"],
    ["offer b", ["bob", "bert"], "b"],
    ["offer al", ["alice "], "al"],
    ["send ", ["chat", "files"], ""],
    ["send f", ["files "], "f"],
    ["send files hel", [], "send files hel"],
    ["leave s", ["standup "], "s"],
    ["join x", [], "x"],
    ["channel b", [], "b"],
    ["nonsense b", [], "b"],
  ])("%j becomes %j", (line, hits, fragment) => {
    expect(complete(line, words)).toEqual([hits, fragment]);
  });

  it("offers every command on an empty line", () => {
    expect(complete("", words)[0]).toHaveLength(9);
  });
});
