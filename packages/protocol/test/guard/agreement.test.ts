import { Frame, isConicError } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeMessage,
  type Decoded,
  type Message,
} from "../../src/index.js";
import { decodeBySchema } from "../../src/v1/decode.js";
import { clientTypes, serverTypes } from "../../src/v1/schema.js";
import { clientMessage, serverMessage } from "../v1/arbitraries.js";
import { alice, bob } from "../v1/helpers.js";
import { guardedFrame } from "./frames.js";

interface Direction {
  readonly name: string;
  readonly decode: (frame: Frame) => Decoded;
  readonly bySchema: (frame: Frame) => Decoded;
}

const directions: readonly Direction[] = [
  {
    name: "client",
    decode: decodeClientMessage,
    bySchema: (frame) => decodeBySchema(frame, clientTypes),
  },
  {
    name: "server",
    decode: decodeServerMessage,
    bySchema: (frame) => decodeBySchema(frame, serverTypes),
  },
];

type Result =
  | { readonly message: Message }
  | { readonly code: string; readonly text: string; readonly id: unknown };

function result(decode: () => Decoded): Result {
  try {
    return { message: decode().message };
  } catch (error) {
    if (!isConicError(error)) throw error;
    return { code: error.code, text: error.message, id: error.details["id"] };
  }
}

/** Fails unless both ways agree to the letter; returns whether the guard recognised the frame. */
function expectAgreement({ decode, bySchema }: Direction, frame: Frame): boolean {
  const expected = result(() => bySchema(frame));
  const actual = result(() => decode(frame));
  expect(actual).toStrictEqual(expected);
  if (!("message" in expected)) return false;
  const { head } = decode(frame);
  if (head === undefined) return false;
  const { type, id, body } = expected.message;
  const { ID, TargetID } = body as { readonly ID?: string; readonly TargetID?: string };
  expect([head.type, head.id, head.ID, head.TargetID]).toStrictEqual([type, id, ID, TargetID]);
  return true;
}

describe.each(directions)("what the guard makes of the messages of a $name", (direction) => {
  it("is what the schemas make of them, or nothing", () => {
    let recognised = 0;
    let refused = 0;
    fc.assert(
      fc.property(guardedFrame, (frame) => {
        if (expectAgreement(direction, frame)) recognised += 1;
        else refused += 1;
      }),
      { numRuns: 15_000 },
    );
    // Neither side of the line is left untried.
    expect(recognised).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(500);
  });

  it("is what the schemas make of whatever the encoder writes", () => {
    fc.assert(
      fc.property(fc.oneof(clientMessage, serverMessage), (message) => {
        expectAgreement(direction, encodeMessage(message));
      }),
      { numRuns: 2000 },
    );
  });
});

const ids = { ID: alice, TargetID: bob };

function frameOf(ID: string, id: string): Frame {
  const raw = JSON.stringify({ ...ids, ID, Candidate: "" });
  return Frame.fromText(JSON.stringify({ type: "candidate", raw, id }));
}

describe("the guard", () => {
  it.each<[string, string]>([
    [
      "of the encoder",
      '{"type":"candidate","raw":"{\\"ID\\":\\"alice\\",\\"TargetID\\":\\"bob\\",\\"Candidate\\":\\"\\"}"}',
    ],
    [
      "with a correlation id",
      JSON.stringify({
        type: "candidate",
        raw: JSON.stringify({ ...ids, Candidate: "c" }),
        id: "7",
      }),
    ],
    [
      "without ID",
      JSON.stringify({ type: "candidate", raw: JSON.stringify({ TargetID: bob, Candidate: "c" }) }),
    ],
    [
      "with a space behind separators",
      '{"type": "candidate", "raw": "{\\"ID\\": \\"alice\\", \\"TargetID\\": \\"bob\\", \\"Candidate\\": \\"\\"}"}',
    ],
    [
      "of an offer",
      JSON.stringify({
        type: "sdp",
        raw: JSON.stringify({ ...ids, SessionDescription: { type: "offer", sdp: "v=0\r\n" } }),
      }),
    ],
    [
      "of an answer, sdp first",
      JSON.stringify({
        type: "sdp",
        raw: JSON.stringify({ ...ids, SessionDescription: { sdp: "v=0\r\n", type: "answer" } }),
      }),
    ],
    [
      "of data",
      JSON.stringify({
        type: "data_channel",
        raw: JSON.stringify({ ...ids, Label: 'a"\\b', Data: "AA==" }),
      }),
    ],
  ])("recognises a frame %s", (_name, text) => {
    expect(decodeClientMessage(Frame.fromText(text)).head).toBeDefined();
  });

  it("says nothing of what it does not know, which is decoded all the same", () => {
    const raw = JSON.stringify({ ...ids, Candidate: "c", x: 1 });
    const decoded = decodeClientMessage(Frame.fromText(JSON.stringify({ type: "candidate", raw })));
    expect(decoded.head).toBeUndefined();
    expect(decoded.message.body).toStrictEqual({ ...ids, Candidate: "c" });
  });

  it("reads the content once, and only when it is asked for", () => {
    const frame = encodeMessage({ type: "candidate", body: { ...ids, Candidate: "c" } });
    const decoded = decodeClientMessage(frame);
    expect(decoded.message).toBe(decoded.message);
    expect(decoded.frame).toBe(frame);
  });

  it("recognises an id of 64 characters, and leaves 65 to be refused", () => {
    expect(decodeClientMessage(frameOf("x".repeat(64), "y".repeat(64))).head).toBeDefined();
    for (const long of [frameOf("x".repeat(65), "y"), frameOf("x", "y".repeat(65))]) {
      expect(() => decodeClientMessage(long)).toThrow(/64 characters/);
    }
  });

  it.each([
    ["quotes", '\\\\\\"'],
    ["backslashes", "\\\\\\\\"],
    ["line ends", "\\\\r\\\\n"],
    ["letters", "aaaa"],
  ])("takes time that grows with the size of a frame, not with its square: %s", (_name, piece) => {
    const size = 1 << 18;
    const long = piece.repeat(size / 4);
    const start = performance.now();
    for (const end of ['\\"}"}', '\\",\\"x\\":0}"}', '\\"', ""]) {
      const ends = `{"type":"candidate","raw":"{\\"TargetID\\":\\"bob\\",\\"Candidate\\":\\"${long}${end}`;
      const data = `{"type":"data_channel","raw":"{\\"TargetID\\":\\"bob\\",\\"Label\\":\\"${long}\\",\\"Data\\":\\"${long}${end}`;
      for (const text of [ends, data]) result(() => decodeClientMessage(Frame.fromText(text)));
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
