import { Frame } from "@conic/domain";
import * as fc from "fast-check";
import { chai, describe, expect, it } from "vitest";
import {
  decodeGoClientMessage,
  decodeGoServerMessage,
  decodeServerMessage,
  encodeGoMessage,
  forwardGoFrame,
  isGoFrame,
  type Decoded,
  type RelayMessage,
} from "../../src/index.js";
import { serverMessage } from "../v1/arbitraries.js";
import { alice, outcome } from "../v1/helpers.js";
import { goVectorFiles, readGoVectors } from "./vectors.js";

const at = new Date("2025-10-16T12:04:05.500Z");
const codes = ["invalid_message", "unsupported_type", "invalid_id"];
const runs = { numRuns: 3000 };

/** Every outcome that must not be; an error that is no ConicError is thrown. */
function faults(frame: Frame): unknown[] {
  isGoFrame(frame);
  return [decodeGoClientMessage, decodeGoServerMessage].flatMap((decode) => {
    const result = outcome((): Decoded => decode(frame));
    if ("error" in result) return codes.includes(result.error) ? [] : [result];
    const { type, body } = result.value.message;
    encodeGoMessage(result.value.message, at);
    return "TargetID" in body && type !== "error" ? forwardFaults(result.value) : [];
  });
}

function forwardFaults(decoded: Decoded): unknown[] {
  const relay = decoded as Decoded<RelayMessage>;
  const { ID } = relay.message.body;
  const allowed =
    ID === undefined || ID === alice
      ? { value: { ...relay.message, body: { ...relay.message.body, ID: alice } } }
      : { error: "forbidden", id: undefined };
  const go = outcome(() => decodeGoServerMessage(forwardGoFrame(relay, alice, "go", at)).message);
  const v1 = outcome(
    () => decodeServerMessage(forwardGoFrame(relay, alice, "conic.v1", at)).message,
  );
  return [go, v1].filter((result) => !chai.util.eql(result, allowed));
}

const frames = goVectorFiles.flatMap((file) => readGoVectors(file).map(({ frame }) => frame));
const pieces = ["", '"', "\\", "{", "}", ":", ",", "null", "from_id", "FROM_ID", "data", "\0", "ſ"];

/** A frame of the vectors with some characters cut out and others put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...frames),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 8 }), fc.constantFrom(...pieces)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([frame, edits]) => {
    let text = frame;
    for (const [position, cut, insert] of edits) {
      const from = position % (text.length + 1);
      text = text.slice(0, from) + insert + text.slice(from + cut);
    }
    return text;
  });

describe("whatever a frame holds, decoding gives a message or one of three errors", () => {
  it("for arbitrary bytes and strings", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: "binary" }), (bytes, s) => {
        expect(faults(Frame.fromBytes(bytes))).toStrictEqual([]);
        expect(faults(Frame.fromText(s))).toStrictEqual([]);
      }),
      runs,
    );
  });

  it("for arbitrary JSON, also as data", () => {
    const type = fc.constantFrom("register_request", "sdp", "candidate", "error", "__proto__");
    const envelope = fc
      .tuple(type, fc.jsonValue(), fc.jsonValue())
      .map(([t, data, id]) => JSON.stringify({ id, type: t, data }));
    fc.assert(
      fc.property(fc.oneof(fc.json(), envelope), (text) => {
        expect(faults(Frame.fromText(text))).toStrictEqual([]);
      }),
      runs,
    );
  });

  it("for mutated messages", () => {
    fc.assert(
      fc.property(mutated, (text) => {
        expect(faults(Frame.fromText(text))).toStrictEqual([]);
      }),
      runs,
    );
  });

  it("and every message of a conic.v1 server can be told, or is left out", () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        const frame = encodeGoMessage(message, at);
        const read = outcome(() => frame && decodeGoServerMessage(frame));
        expect(read).toHaveProperty("value");
      }),
      { numRuns: 1000 },
    );
  });
});

/** What Go's encoding/json may take for this key: it ignores case, and of several takes the last. */
function named(object: object, key: string): unknown[] {
  return Object.entries(object).flatMap(([name, value]: [string, unknown]) =>
    name.toLowerCase() === key ? [value] : [],
  );
}

describe("S1 the sender that a receiver in Go sees (rule 1)", () => {
  it("is the registered one, however data is written", () => {
    const key = fc.constantFrom("from_id", "FROM_ID", "From_Id", "\\u0066rom_id", "to_id", "x");
    const member = fc.tuple(key, fc.constantFrom("alice", "mallory", ""));
    let forwarded = 0;
    fc.assert(
      fc.property(fc.array(member, { maxLength: 4 }), (members) => {
        const written = members.map(([k, v]) => `"${k}":"${v}"`);
        const data = `{${[...written, '"candidate":{"candidate":""}', '"to_id":"bob"'].join(",")}}`;
        const frame = Frame.fromText(`{"type":"candidate","data":${data}}`);
        const result = outcome(() =>
          forwardGoFrame(decodeGoClientMessage(frame) as Decoded<RelayMessage>, alice, "go", at),
        );
        if (!("value" in result)) return;
        forwarded += 1;
        const sent = JSON.parse(result.value.text) as { data: object };
        expect(named(sent.data, "from_id")).toStrictEqual(["alice"]);
        // None of the written ones stands behind the one that JSON.parse kept.
        expect(result.value.text.match(/(?:f|\\u0066)rom_id/gi)).toHaveLength(1);
      }),
      { numRuns: 5000 },
    );
    expect(forwarded).toBeGreaterThan(300);
  });
});
