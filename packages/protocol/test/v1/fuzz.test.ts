import { Frame } from "@conic/domain";
import * as fc from "fast-check";
import { chai, describe, expect, it } from "vitest";
import {
  decodeCandidate,
  decodeClientMessage,
  decodeData,
  decodeServerMessage,
  encodeMessage,
  forwardFrame,
  redact,
  type Decoded,
  type RelayMessage,
} from "../../src/index.js";
import { clientMessage, serverMessage } from "./arbitraries.js";
import { alice, outcome, thrownBy } from "./helpers.js";

const codes = ["invalid_message", "unsupported_type", "invalid_id"];
const runs = { numRuns: 3000 };

/**
 * Decodes in both directions, does with a message what a server does, and logs it. Returns the outcomes that must
 * not be; an error that is no ConicError is thrown.
 */
function faults(frame: Frame): unknown[] {
  const decoders: readonly ((frame: Frame) => Decoded)[] = [
    decodeClientMessage,
    decodeServerMessage,
  ];
  const found = decoders.flatMap((decode) => {
    const result = outcome(() => decode(frame));
    if ("error" in result) return codes.includes(result.error) ? [] : [result];
    const { type, body } = result.value.message;
    return "TargetID" in body && type !== "error" ? forwardFaults(result.value) : [];
  });
  const { bytes } = redact(frame);
  return bytes === frame.byteLength ? found : [...found, { bytes }];
}

function forwardFaults(decoded: Decoded): unknown[] {
  const relay = decoded as Decoded<RelayMessage>;
  const { ID } = relay.message.body;
  const own = ID === undefined || ID === alice;
  const result = outcome(() => decodeServerMessage(forwardFrame(relay, alice)).message);
  const allowed = own
    ? { value: { ...relay.message, body: { ...relay.message.body, ID: alice } } }
    : { error: "forbidden", id: undefined };
  return chai.util.eql(result, allowed) ? [] : [result];
}

/** A valid frame with some characters cut out and others put in. */
const mutated = fc
  .tuple(
    fc.oneof(clientMessage, serverMessage),
    fc.array(
      fc.tuple(fc.nat(), fc.nat({ max: 8 }), fc.constantFrom("", '"', "\\", "{", ":", "ID", "\0")),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([message, edits]) => {
    let { text } = encodeMessage(message);
    for (const [position, cut, insert] of edits) {
      const at = position % (text.length + 1);
      text = text.slice(0, at) + insert + text.slice(at + cut);
    }
    return text;
  });

describe("S10 whatever a frame holds, decoding gives a message or one of three errors", () => {
  it("for arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(faults(Frame.fromBytes(bytes))).toStrictEqual([]);
      }),
      runs,
    );
  });

  it("for arbitrary strings", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(faults(Frame.fromText(text))).toStrictEqual([]);
      }),
      runs,
    );
  });

  it("for arbitrary JSON, also inside raw", () => {
    const type = fc.constantFrom(
      "register",
      "sdp",
      "candidate",
      "data_channel",
      "error",
      "__proto__",
    );
    const envelope = fc.tuple(type, fc.json()).map(([t, raw]) => JSON.stringify({ type: t, raw }));
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

  it("for arbitrary candidates and data", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
        for (const decode of [decodeCandidate, decodeData]) {
          const result = outcome(() => decode(text));
          expect("value" in result || result.error === "invalid_message").toBe(true);
        }
      }),
      runs,
    );
  });

  it("and no prototype is changed by it", () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const raw = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    expect(faults(Frame.fromText(JSON.stringify({ type: "register", raw })))).toStrictEqual([]);
    expect(faults(Frame.fromText(raw))).toStrictEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype)).toStrictEqual(before);
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("decoding what was encoded", () => {
  it("gives the message of a client", () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        expect(decodeClientMessage(encodeMessage(message)).message).toStrictEqual(message);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives the message of a server", () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        expect(decodeServerMessage(encodeMessage(message)).message).toStrictEqual(message);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("S10 the time that a frame takes grows with its size, not with its square", () => {
  const size = 1 << 20;
  const many = Array.from({ length: size / 16 }, (_, i) => `"k${i}":0`).join(",");
  it.each([
    ["backslashes", `{"type":"register","x":"${"\\\\".repeat(size / 2)}"}`],
    ["escaped quotes", `{"type":"register","x":"${String.raw`\"`.repeat(size / 2)}"}`],
    ["keys", `{"type":"register",${many}}`],
    ["equal keys", `{"type":"register"${',"x":0'.repeat(size / 6)}}`],
    ["a key that grows when folded", `{"type":"register","${"İ\0".repeat(size / 2)}":0}`],
    ["nesting", `{"type":"register","x":${"[".repeat(size / 2)}${"]".repeat(size / 2)}}`],
    ["nesting that does not end", "[".repeat(size)],
    ["a long id", JSON.stringify({ type: "register", raw: `{"ID":"${"a".repeat(size)}"}` })],
    ["a long type", JSON.stringify({ type: "a".repeat(size) })],
    ["bytes that are not UTF-8", "\uFFFD".repeat(size)],
  ])("%s", (_name, text) => {
    const start = performance.now();
    expect(faults(Frame.fromText(text))).toStrictEqual([]);
    // Linear is some tens of milliseconds; a square of 2^20 is an hour.
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("data", () => {
    expect(thrownBy(() => decodeData(`${"=".repeat(size - 1)}A`)).code).toBe("invalid_message");
    expect(thrownBy(() => decodeData(`${"A".repeat(size - 1)}!`)).code).toBe("invalid_message");
  });
});
