import { Frame, parseClientId } from "@conic/domain";
import { describe, expect, it } from "vitest";
import {
  decodeClientMessage,
  decodeGoClientMessage,
  decodeGoServerMessage,
  decodeServerMessage,
  encodeGoMessage,
  forwardGoFrame,
  isGoFrame,
  type Decoded,
  type RelayMessage,
} from "../../src/index.js";
import { outcome } from "../v1/helpers.js";
import { readVectors, vectorFiles } from "../v1/vectors.js";
import { goVectorFiles, readGoVectors, readTranslations, type GoVector } from "./vectors.js";

const at = new Date("2025-10-16T12:04:05.500Z");

function decode({ direction, frame }: GoVector): Decoded {
  const decoder = direction === "client-to-server" ? decodeGoClientMessage : decodeGoServerMessage;
  // From bytes, as a socket delivers them.
  return decoder(Frame.fromBytes(Frame.fromText(frame).bytes));
}

describe.each(goVectorFiles)("the vectors of %s", (file) => {
  const vectors = readGoVectors(file);

  it.each(vectors)("$name", (vector) => {
    const { decoded, error, errorId } = vector;
    expect(outcome(() => decode(vector).message)).toStrictEqual(
      error === undefined ? { value: decoded } : { error, id: errorId },
    );
  });

  it("name each vector once", () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });
});

const recorded = readGoVectors("recorded.json");

describe("what the Go program wrote", () => {
  it.each(recorded.filter(({ decoded }) => decoded !== undefined))(
    "$name: translated there and back, every byte is the same, but for the time and for null",
    (vector) => {
      const { message } = decode(vector);
      const again = encodeGoMessage(message, at)?.text ?? "";
      const { timestamp, data } = JSON.parse(vector.frame) as {
        timestamp: string;
        data: Record<string, unknown> | null;
      };
      const expected = JSON.parse(vector.frame) as Record<string, unknown>;
      // An id or payload that was never set is empty in Go's eyes, however it is written.
      const set = Object.entries(data ?? {}).filter(([key, value]) => key !== "from_id" || value);
      expected["data"] = Object.fromEntries(set.map(([key, value]) => [key, value ?? ""]));
      expect(again).toBe(
        JSON.stringify(expected).replace(JSON.stringify(timestamp), JSON.stringify(at)),
      );
    },
  );

  it.each(recorded.filter(({ direction }) => direction === "client-to-server"))(
    "$name: is known by its first frame",
    ({ frame }) => {
      expect(isGoFrame(Frame.fromText(frame))).toBe(true);
      expect(outcome(() => decodeClientMessage(Frame.fromText(frame)))).toHaveProperty("error");
    },
  );
});

const forwarding = goVectorFiles.flatMap((file) =>
  readGoVectors(file).flatMap(({ forward, ...vector }) =>
    forward === undefined ? [] : [{ ...vector, forward }],
  ),
);

function receiverSees({ error, translated }: NonNullable<GoVector["forward"]>): unknown {
  return error === undefined ? { value: translated } : { error, id: undefined };
}

describe("forwarding the vectors", () => {
  it.each(forwarding)("$name: to a client of the Go dialect", (vector) => {
    const { sender, unchanged } = vector.forward;
    const decoded = decode(vector) as Decoded<RelayMessage>;
    const forward = (): Frame => forwardGoFrame(decoded, parseClientId(sender), "go", at);
    const seen = outcome(() => decodeGoServerMessage(forward()).message);
    expect(seen).toStrictEqual(receiverSees(vector.forward));
    const result = outcome(forward);
    expect("value" in result && result.value === decoded.frame).toBe(unchanged === true);
  });

  it.each(forwarding)("$name: to a client of conic.v1", (vector) => {
    const { sender } = vector.forward;
    const decoded = decode(vector) as Decoded<RelayMessage>;
    const forward = (): Frame => forwardGoFrame(decoded, parseClientId(sender), "conic.v1", at);
    const seen = outcome(() => decodeServerMessage(forward()).message);
    expect(seen).toStrictEqual(receiverSees(vector.forward));
  });
});

describe("the vectors of to-go.json", () => {
  it.each(readTranslations())("$name", ({ frame, go }) => {
    const { message } = decodeServerMessage(Frame.fromText(frame));
    expect(encodeGoMessage(message, at)?.text).toBe(go);
    expect(() => decodeGoServerMessage(Frame.fromText(go))).not.toThrow();
  });
});

describe("the dialect of a first frame", () => {
  it.each(
    vectorFiles.flatMap((file) => readVectors(file)).filter(({ frame }) => frame !== undefined),
  )("is not Go for $name", ({ frame }) => {
    expect(isGoFrame(Frame.fromText(frame ?? ""))).toBe(false);
  });

  it.each([
    ["a register of conic.v1 with unknown data", '{"type":"register","data":{}}'],
    ["both raw and data", '{"type":"sdp","data":{},"raw":"{}"}'],
    ["data that is no object", '{"type":"sdp","data":"{}"}'],
    ["a type that is an object", '{"type":{"toString":1},"data":{}}'],
    ["a type that is a property of every object", '{"type":"__proto__","data":{}}'],
    ["an array", '[{"type":"register_request"}]'],
    ["what is not JSON", "register_request"],
  ])("is not Go for %s", (_name, text) => {
    expect(isGoFrame(Frame.fromText(text))).toBe(false);
  });

  it("is Go for an sdp before any registration", () => {
    expect(isGoFrame(Frame.fromText('{"id":"","type":"sdp","data":{}}'))).toBe(true);
  });
});
