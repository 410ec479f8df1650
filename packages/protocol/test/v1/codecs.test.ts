import type { IceCandidate, Signal } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeCandidate,
  decodeClientMessage,
  decodeData,
  decodeServerMessage,
  encodeCandidate,
  encodeData,
  encodeMessage,
  messageToSignal,
  sdpBody,
  signalToMessage,
} from "../../src/index.js";
import { alice, bob, thrownBy } from "./helpers.js";

const text = fc.string({ unit: "binary" });
const candidate = fc.record(
  {
    candidate: text,
    sdpMid: fc.option(text),
    sdpMLineIndex: fc.option(fc.nat({ max: 65_535 })),
    usernameFragment: fc.option(text),
  },
  { requiredKeys: ["candidate"], noNullPrototype: true },
) as unknown as fc.Arbitrary<IceCandidate>;

const description = fc.record(
  { type: fc.constantFrom("offer", "pranswer", "answer", "rollback"), sdp: text },
  { noNullPrototype: true },
);

const signal: fc.Arbitrary<Signal> = fc.oneof(
  description.map((value): Signal => ({ kind: "description", description: value as never })),
  candidate.map((value): Signal => ({ kind: "candidate", candidate: value })),
);

describe("a candidate", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(candidate, (value) => {
        expect(decodeCandidate(encodeCandidate(value))).toStrictEqual(value);
      }),
    );
  });

  it("is written without what is no part of it", () => {
    const extra = { candidate: "", sdpMid: "0", foundation: "1" };
    expect(encodeCandidate(extra)).toBe('{"candidate":"","sdpMid":"0"}');
  });
});

describe("a signal", () => {
  it("travels as a message of the sender, in both directions", () => {
    fc.assert(
      fc.property(signal, (value) => {
        const message = signalToMessage(value, alice, bob);
        expect(message.body).toMatchObject({ ID: alice, TargetID: bob });
        const frame = encodeMessage(message);
        expect(decodeClientMessage(frame).message).toStrictEqual(message);
        expect(decodeServerMessage(frame).message).toStrictEqual(message);
        expect(messageToSignal(message)).toStrictEqual(value);
      }),
    );
  });

  it("cannot be made of a candidate that is none", () => {
    const body = { ID: alice, TargetID: bob, Candidate: "candidate-string" };
    const read = (): Signal => messageToSignal({ type: "candidate", body });
    expect(thrownBy(read).code).toBe("invalid_message");
  });
});

/** RFC 4648 section 4, by the letter. */
function base64(bytes: Uint8Array): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = bits.match(/.{1,6}/g) ?? [];
  const chars = digits.map((six) => alphabet.charAt(parseInt(six.padEnd(6, "0"), 2))).join("");
  return chars.padEnd(Math.ceil(chars.length / 4) * 4, "=");
}

describe("data", () => {
  it("is base64 of its bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const encoded = encodeData(bytes);
        expect(encoded).toBe(base64(bytes));
        expect(decodeData(encoded)).toStrictEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it("may be larger than what one call takes as arguments", () => {
    const bytes = Uint8Array.from({ length: 300_001 }, (_, i) => i % 251);
    expect(decodeData(encodeData(bytes))).toStrictEqual(bytes);
  });

  it.each(["A", "AA", "AAA", "AA=", "A===", "AA==AA==", "AA A", "AAA\n", "-_-_", "ÿÿÿÿ"])(
    "is not %j",
    (encoded) => {
      expect(thrownBy(() => decodeData(encoded)).code).toBe("invalid_message");
    },
  );
});

describe("an exported schema", () => {
  it("returns the known fields of a body, or where it is wrong without what is there", () => {
    const good = { TargetID: "bob", SessionDescription: { type: "offer", sdp: "v=0" } };
    expect(sdpBody.safeParse({ ...good, x: 1 })).toStrictEqual({ success: true, data: good });
    const result = sdpBody.safeParse({ ...good, SessionDescription: "secret" });
    if (result.success) throw new Error("it passed");
    expect(result.error.issues[0]?.path).toStrictEqual(["SessionDescription"]);
    expect(JSON.stringify(result.error.issues)).not.toContain("secret");
  });
});
