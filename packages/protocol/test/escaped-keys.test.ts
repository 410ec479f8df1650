import { Frame } from "@conic/domain";
import { describe, expect, it } from "vitest";
import {
  decodeClientMessage,
  decodeGoClientMessage,
  decodeGoServerMessage,
  decodeServerMessage,
  type Decoded,
} from "../src/index.js";
import { thrownBy } from "./v1/helpers.js";

type Decode = (frame: Frame) => Decoded;

const v1: readonly Decode[] = [decodeClientMessage, decodeServerMessage];
const go: readonly Decode[] = [decodeGoClientMessage, decodeGoServerMessage];

/**
 * JSON.parse of V8 12.8 and later (Node 24, 26) takes an escaped key for one that it has seen at that place in an
 * earlier object, when the raw text of the escaped key begins with it and it is as long as the unescaped key
 * (nodejs/node#63785). So a stranger who is allowed to send anything at all decides how later messages are read.
 */
function poison(before: readonly string[], key: string, real: string): void {
  const seen = key.slice(0, real.length);
  JSON.parse(`{${[...before, seen].map((name) => `${JSON.stringify(name)}:[]`).join(",")}}`);
}

function candidate(raw: string): Frame {
  return Frame.fromText(JSON.stringify({ type: "candidate", raw }));
}

const rawOf = (id: string): string =>
  JSON.stringify(`{"ID":"${id}","TargetID":"bob","Candidate":"c"}`);
const dataOf = (id: string): string =>
  `{"from_id":"${id}","to_id":"bob","candidate":{"candidate":""}}`;

function expectRefused(decoders: readonly Decode[], frame: Frame): void {
  for (const decode of decoders) {
    const error = thrownBy(() => decode(frame));
    expect(error.code).toBe("invalid_message");
    expect(error.message).toContain("write keys without escapes");
  }
}

describe("a key that is written with an escape, which some engines take for another key", () => {
  it("forges no sender: the server would read alice, and a receiver the victim", () => {
    poison(["ID"], String.raw`\u0049D`, "ID");
    const raw = String.raw`{"ID":"alice","\u0049D":"victim","TargetID":"bob","Candidate":"c"}`;
    // Which of the two this engine reads does not matter, only that there are two.
    expect(["alice", "victim"]).toContain((JSON.parse(raw) as { ID: string }).ID);
    expectRefused(v1, candidate(raw));
  });

  it("forges no sender in the Go dialect", () => {
    poison(["from_id"], String.raw`\u0066rom_id`, "from_id");
    const data = String.raw`{"from_id":"alice","\u0066rom_id":"victim","to_id":"bob","candidate":{"candidate":""}}`;
    const { from_id } = JSON.parse(data) as { from_id: string };
    expect(["alice", "victim"]).toContain(from_id);
    expectRefused(go, Frame.fromText(`{"type":"candidate","data":${data}}`));
  });

  it("forges no raw, and no data", () => {
    poison(["type", "raw"], String.raw`\u0072aw`, "raw");
    const v1Attack = String.raw`{"type":"candidate","raw":${rawOf("alice")},"\u0072aw":${rawOf("victim")}}`;
    expectRefused(v1, Frame.fromText(v1Attack));
    poison(["type", "data"], String.raw`\u0064ata`, "data");
    const goAttack = String.raw`{"type":"candidate","data":${dataOf("alice")},"\u0064ata":${dataOf("victim")}}`;
    expectRefused(go, Frame.fromText(goAttack));
  });

  it.each([
    [String.raw`\u0049D`],
    [String.raw`a\"b`],
    [String.raw`\/`],
    [String.raw`a\\`],
    [String.raw`\ud800`],
  ])("is refused whatever it says: %s", (key) => {
    const raw = `{"TargetID":"bob","Candidate":"c","${key}":0}`;
    expectRefused([decodeClientMessage], candidate(raw));
    const body = JSON.stringify(`{"TargetID":"bob","Candidate":"c"}`);
    const envelope = `{"type":"candidate","raw":${body},"${key}":0}`;
    expectRefused([decodeClientMessage], Frame.fromText(envelope));
    const data = '{"from_id":"alice","to_id":"bob","candidate":{"candidate":""}';
    expectRefused(go, Frame.fromText(`{"type":"candidate","data":${data},"${key}":0}}`));
    expectRefused(go, Frame.fromText(`{"type":"candidate","data":${data}},"${key}":0}`));
  });

  it("is nobody's business in values, and deeper", () => {
    const raw = String.raw`{"ID":"\u0061lice","TargetID":"bob","Candidate":"\"","x":{"\u0049D":"y"}}`;
    expect(decodeClientMessage(candidate(raw)).message.body).toStrictEqual({
      ID: "alice",
      TargetID: "bob",
      Candidate: '"',
    });
  });
});
