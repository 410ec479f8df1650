import { Frame, parseClientId } from "@conic/domain";
import { describe, expect, it } from "vitest";
import {
  decodeCandidate,
  decodeClientMessage,
  decodeServerMessage,
  encodeMessage,
  forwardFrame,
  type RelayMessage,
  type Decoded,
} from "../../src/index.js";
import { outcome } from "./helpers.js";
import { frameOf, readCandidates, readVectors, vectorFiles, type Vector } from "./vectors.js";

function decode(vector: Vector, frame: Frame): Decoded {
  return vector.direction === "client-to-server"
    ? decodeClientMessage(frame)
    : decodeServerMessage(frame);
}

function expected(vector: { decoded?: unknown; error?: string; errorId?: string }): unknown {
  const { error, errorId, decoded } = vector;
  return error === undefined ? { value: decoded } : { error, id: errorId };
}

describe.each(vectorFiles)("the vectors of %s", (file) => {
  const vectors = readVectors(file);
  const valid = vectors.filter(({ decoded }) => decoded !== undefined);

  it.each(vectors)("$name", (vector) => {
    const frame = frameOf(vector);
    expect(outcome(() => decode(vector, frame).message)).toStrictEqual(expected(vector));
    // From bytes as from text: a socket delivers bytes.
    const bytes = Frame.fromBytes(frame.bytes);
    expect(outcome(() => decode(vector, bytes).message)).toStrictEqual(expected(vector));
  });

  it.each(valid)("$name: encoded again, it is the same message", (vector) => {
    const decoded = decode(vector, frameOf(vector));
    const again = decode(vector, encodeMessage(decoded.message));
    expect(again.message).toStrictEqual(vector.decoded);
  });
});

const forwarding = vectorFiles.flatMap((file) =>
  readVectors(file).flatMap(({ forward, ...vector }) =>
    forward === undefined ? [] : [{ ...vector, forward }],
  ),
);

describe("forwarding the vectors", () => {
  it.each(forwarding)("$name", (vector) => {
    const { sender, unchanged, frame, error } = vector.forward;
    const decoded = decode(vector, frameOf(vector)) as Decoded<RelayMessage>;
    const result = outcome(() => forwardFrame(decoded, parseClientId(sender)));
    const text = unchanged === true ? vector.frame : frame;
    expect("value" in result ? result.value.text : result.error).toBe(error ?? text);
    expect("value" in result && result.value === decoded.frame).toBe(unchanged === true);
  });

  it.each(forwarding.filter(({ forward }) => forward.error === undefined))(
    "$name: its receiver reads the sender's ID",
    (vector) => {
      const sender = parseClientId(vector.forward.sender);
      const decoded = decode(vector, frameOf(vector)) as Decoded<RelayMessage>;
      const { message } = decodeServerMessage(forwardFrame(decoded, sender));
      expect(message).toStrictEqual({
        ...decoded.message,
        body: { ...decoded.message.body, ID: sender },
      });
    },
  );
});

describe("the vectors of candidates.json", () => {
  it.each(readCandidates())("$name", (vector) => {
    expect(outcome(() => decodeCandidate(vector.candidate))).toStrictEqual(expected(vector));
  });
});

function example(type: string, raw?: string): string {
  return raw === undefined
    ? `{\n  "type": "${type}"\n}`
    : `{\n  "type": "${type}",\n  "raw": "${raw.replaceAll('"', String.raw`\"`)}"\n}`;
}

describe("the vector files", () => {
  it("name each vector once and say what comes out of it", () => {
    for (const file of vectorFiles) {
      const vectors = readVectors(file);
      expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
      for (const { name, decoded, error } of vectors) {
        expect([name, (decoded === undefined) !== (error === undefined)]).toStrictEqual([
          name,
          true,
        ]);
      }
    }
  });

  it("hold the documented examples as they are printed", () => {
    const ids = '"ID": "sender-id", "TargetID": "receiver-id"';
    const frames = readVectors("documented.json").map(({ frame }) => frame);
    expect(frames.filter((_, i) => i !== 3)).toStrictEqual([
      example("register"),
      example("unregister", '{"ID": "client-id"}'),
      example("sdp", `{${ids}, "SessionDescription": {...}}`),
      example("candidate", `{${ids}, "Candidate": "candidate-string"}`),
      example("data_channel", `{${ids}, "Label": "channel-name", "Data": "base64-encoded-data"}`),
    ]);
  });
});
