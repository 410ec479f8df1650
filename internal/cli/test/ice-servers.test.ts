import { describe, expect, it } from "vitest";
import { joinRepeated, parseIceServers } from "../src/index.js";

describe("--ice-server", () => {
  it.each([
    ["", []],
    ["stun:s.example", [{ urls: "stun:s.example" }]],
    ["stuns:s.example:5349", [{ urls: "stuns:s.example:5349" }]],
    ["stun:[2001:db8::1]:3478", [{ urls: "stun:[2001:db8::1]:3478" }]],
    ["stun:a, stun:b ,", [{ urls: "stun:a" }, { urls: "stun:b" }]],
    [
      "turn:user:pass@t.example:3478?transport=udp",
      [{ urls: "turn:t.example:3478?transport=udp", username: "user", credential: "pass" }],
    ],
    [
      "turns:1700000000%3Aalice:a%2Cb%40c%25@t.example",
      [{ urls: "turns:t.example", username: "1700000000:alice", credential: "a,b@c%" }],
    ],
  ])("%j", (text, servers) => {
    expect(parseIceServers(text)).toEqual(servers);
  });

  it.each([
    ["http://s.example", "number 1 is not a URL"],
    ["stun:@", "number 1 is not a URL"],
    ["stun://s.example", "number 1 is not a URL"],
    ["stun:ok,stun:a b", "number 2 is not a URL"],
    ["stun:user:pass@s.example", "takes no user"],
    ["stun:s.example?transport=udp", "takes no transport"],
    ["turn:t.example", "turn:user:password@host"],
    ["turn:user:pass@t.example?transport=quic", "is not a URL"],
    ["turn:user:50%@t.example", "write %25"],
  ])("refuses %j, without repeating it", (text, reason) => {
    expect(() => parseIceServers(text)).toThrow(reason);
    expect(() => parseIceServers(text)).not.toThrow(text);
  });
});

describe("a repeated option", () => {
  it.each([
    [["--a=1"], ["--a=1"]],
    [
      ["--o=x", "--a", "--o", "y", "z"],
      ["--o=x,y", "--a", "z"],
    ],
    // Without a value, it is left to the parser to complain.
    [
      ["--o", "--a"],
      ["--o", "--a"],
    ],
    [["--o"], ["--o"]],
    [["--other=x"], ["--other=x"]],
  ])("%j becomes %j", (argv, joined) => {
    expect(joinRepeated(argv, "--o")).toEqual(joined);
  });
});
