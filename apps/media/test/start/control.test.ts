import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeControl,
  encodeControl,
  maxControlLineLength,
  type ControlMessage,
} from "../../src/start/control/messages.js";

const messages: readonly ControlMessage[] = [
  { type: "hello", kind: "av", sends: [{ kind: "audio", description: "a tone of 440 Hz" }] },
  { type: "ready", kind: "video" },
  { type: "mute", kind: "audio" },
  { type: "unmute", kind: "audio" },
  { type: "stats", audio: { packets: 1, bytes: 2, lost: 3, frames: 4 } },
  { type: "bye", reason: "hung up", sent: { audio: 250, video: 150 } },
];

function one(value: unknown): unknown {
  return decodeControl(JSON.stringify(value))[0];
}

describe("control messages", () => {
  it("come as they went, several in one frame too", () => {
    expect(messages.flatMap((message) => decodeControl(encodeControl(message)))).toEqual(messages);
    expect(decodeControl(messages.map(encodeControl).join(""))).toEqual(messages);
  });

  it.each([
    ["no JSON", "hello"],
    ["no object", '["bye"]'],
    ["null", "null"],
    ["a type of a later version", '{"type":"dance"}'],
    ["a kind that is none", '{"type":"mute","kind":"smell"}'],
    ["an empty line", ""],
  ])("what is none is ignored: %s", (_, line) => {
    expect(decodeControl(`${line}\n${encodeControl({ type: "ready", kind: "audio" })}`)).toEqual([
      { type: "ready", kind: "audio" },
    ]);
  });

  it("wrong parts are left out, and the rest counts", () => {
    expect(one({ type: "bye", reason: 7, sent: { audio: -1, video: 3 } })).toEqual({
      type: "bye",
      reason: "",
      sent: { video: 3 },
    });
    const wrong = { packets: 1, bytes: 2, lost: "3", frames: 4 };
    expect(one({ type: "stats", audio: wrong })).toEqual({ type: "stats" });
    expect(
      one({ type: "hello", kind: "av", sends: [{ kind: "x" }, 1, { kind: "video" }] }),
    ).toEqual({ type: "hello", kind: "av", sends: [{ kind: "video", description: "" }] });
  });

  it("texts are cut, and lines above the limit ignored", () => {
    const reason = "x".repeat(1000);
    expect(decodeControl(JSON.stringify({ type: "bye", reason }))).toEqual([
      { type: "bye", reason: "x".repeat(200), sent: {} },
    ]);
    const bare = '{"type":"bye","pad":""}';
    const line = (length: number): string =>
      bare.replace('""', `"${"x".repeat(length - bare.length)}"`);
    expect(decodeControl(line(maxControlLineLength))).toHaveLength(1);
    expect(decodeControl(line(maxControlLineLength + 1))).toHaveLength(0);
  });

  it("no text of a peer throws", () => {
    const key = fc.constantFrom("type", "kind", "sends", "audio", "sent", "reason", "packets");
    const type = fc.constantFrom("hello", "ready", "mute", "stats", "bye");
    const value = fc.letrec((tie) => ({
      any: fc.oneof(fc.jsonValue(), type, fc.dictionary(key, tie("any"), { maxKeys: 4 })),
    })).any;
    fc.assert(
      fc.property(fc.record({ type: fc.oneof(type, value) }), fc.dictionary(key, value), (a, b) => {
        decodeControl(JSON.stringify({ ...b, ...a }));
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void decodeControl(text)));
  });
});
