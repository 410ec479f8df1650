import { Frame } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeClientMessage, encodeMessage, type ClientMessage } from "../../src/index.js";
import { decodeBySchema } from "../../src/v1/decode.js";
import { recogniseRegister } from "../../src/v1/guard/register.js";
import { clientTypes } from "../../src/v1/schema.js";
import { clientMessage } from "../v1/arbitraries.js";
import { alice } from "../v1/helpers.js";
import { registerText } from "./frames.js";

const recognise = (text: string): ClientMessage | undefined =>
  recogniseRegister(Frame.fromText(text), text)?.message;

const written = (body: object, id?: string): string =>
  JSON.stringify({ type: "register", raw: JSON.stringify(body), id });

describe("the guard of register", () => {
  const all = { ID: alice, Token: "t.o-k_en", Resume: "secret", Received: 7 };

  it.each<[string, string, object]>([
    ["of the encoder, with nothing in it", '{"type":"register"}', {}],
    ["with an empty body", written({}), {}],
    ["with an id", written({ ID: alice }), { ID: alice }],
    ["of a session", written({ Received: 0 }), { Received: 0 }],
    ["that resumes one", written({ Resume: "s", Received: 3 }), { Resume: "s", Received: 3 }],
    ["with everything", written(all), all],
    [
      "with a space behind separators",
      String.raw`{"type": "register", "raw": "{\"ID\": \"alice\", \"Received\": 1}"}`,
      { ID: alice, Received: 1 },
    ],
  ])("recognises one %s", (_name, text, body) => {
    expect(recognise(text)).toStrictEqual({ type: "register", body });
  });

  it("recognises a correlation id of 64 characters, and leaves 65 to be refused", () => {
    expect(recognise(written({}, "x".repeat(64)))?.id).toBe("x".repeat(64));
    expect(recognise(written({}, "x".repeat(65)))).toBeUndefined();
    expect(() => decodeClientMessage(Frame.fromText(written({}, "x".repeat(65))))).toThrow(
      /at most 64 characters/,
    );
  });

  it("recognises an id of 64 characters, and leaves 65 to be refused", () => {
    expect(recognise(written({ ID: "x".repeat(64) }))).toBeDefined();
    expect(recognise(written({ ID: "x".repeat(65) }))).toBeUndefined();
  });

  it.each([
    ["another type", '{"type":"unregister"}'],
    ["a comma with nothing behind it", String.raw`{"type":"register","raw":"{\"ID\":\"alice\",}"}`],
    ["no comma", String.raw`{"type":"register","raw":"{\"ID\":\"alice\"\"Received\":1}"}`],
    ["a key twice", String.raw`{"type":"register","raw":"{\"ID\":\"alice\",\"ID\":\"bob\"}"}`],
    ["a key that nobody knows", written({ x: 1 })],
    ["another order", written({ Received: 1, ID: alice })],
    ["an escape", written({ Token: 'a"b' })],
    [
      "a count that no double holds",
      written({ Received: "9007199254740993" }).replace(/\\"9/, "9"),
    ],
    ["more behind it", '{"type":"register"} '],
  ])("says nothing of one with %s", (_name, text) => {
    expect(recognise(text)).toBeUndefined();
  });

  it("recognises whatever the encoder writes without an escape", () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        if (message.type !== "register") return;
        const { text } = encodeMessage(message);
        const { Token = "", Resume = "" } = message.body;
        const plain = JSON.stringify([Token, Resume, message.id ?? ""]);
        if (plain.includes("\\") || (message.body.Received ?? 0) > 999_999_999_999_999) return;
        expect(recognise(text)).toStrictEqual(message);
      }),
      { numRuns: 2000 },
    );
  });

  it("makes of what is nearly one what the schema makes of it, or nothing", () => {
    let recognised = 0;
    let left = 0;
    fc.assert(
      fc.property(registerText, (text) => {
        const found = recognise(text);
        if (found === undefined) left += 1;
        else recognised += 1;
        const expected = found && decodeBySchema(Frame.fromText(text), clientTypes).message;
        expect(found).toStrictEqual(expected);
      }),
      { numRuns: 5000 },
    );
    // Neither side of the line is left untried.
    expect(recognised).toBeGreaterThan(50);
    expect(left).toBeGreaterThan(50);
  });
});
