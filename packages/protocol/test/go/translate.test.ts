import { Frame, type IceCandidate } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goClientTypes, goServerTypes } from "../../src/go/schema.js";
import type { GoMessage } from "../../src/go/messages.js";
import { fromGo, refusalToGo, toGo } from "../../src/go/translate.js";
import {
  decodeCandidate,
  decodeGoClientMessage,
  decodeGoServerMessage,
  encodeGoMessage,
  encodeMessage,
  decodeServerMessage,
  forwardGoFrame,
  parseRoomName,
  type ClientMessage,
  type Decoded,
  type RelayMessage,
} from "../../src/index.js";
import { clientId } from "../v1/arbitraries.js";
import { alice, bob } from "../v1/helpers.js";

const at = new Date("2025-10-16T12:04:05.500Z");
const runs = { numRuns: 1000 };

// "binary" has lone surrogates, controls and what else a string can hold.
const text = fc.string({ unit: "binary", maxLength: 100 });
const filled = fc.string({ unit: "binary", minLength: 1, maxLength: 64 });
const clean = { noNullPrototype: true };

function record<T>(fields: Record<string, fc.Arbitrary<unknown>>, required: readonly string[]) {
  return fc.record(fields, { requiredKeys: [...required], ...clean }) as fc.Arbitrary<T>;
}

const init: fc.Arbitrary<IceCandidate> = record(
  {
    candidate: text,
    sdpMid: fc.option(text),
    sdpMLineIndex: fc.option(fc.nat({ max: 65_535 })),
    usernameFragment: fc.option(text),
  },
  ["candidate"],
);
const description = fc.record(
  { type: fc.constantFrom("offer", "pranswer", "answer", "rollback"), sdp: text },
  clean,
);

function message(type: string, data: fc.Arbitrary<unknown>): fc.Arbitrary<GoMessage> {
  return record<GoMessage>({ type: fc.constant(type), id: filled, data }, ["type", "data"]);
}

function relayed(required: readonly string[]) {
  const ids = { from_id: clientId, to_id: clientId };
  const of = (rest: Record<string, fc.Arbitrary<unknown>>) =>
    record({ ...ids, ...rest }, [...required, ...Object.keys(rest)]);
  return [
    message("sdp", of({ session_description: description })),
    message("candidate", of({ candidate: init })),
    message("data_channel", of({ label: text, payload: text })),
  ];
}

const ofClient = fc.oneof(
  message("register_request", record({ client_id: clientId, token: filled }, [])),
  message("unregister_request", record({ client_id: clientId }, [])),
  ...relayed(["to_id"]),
);
const accepted = fc.record({ client_id: clientId, success: fc.constant(true) }, clean);
const ofServer = fc.oneof(
  message("register_response", accepted),
  message("unregister_response", accepted),
  message(
    "error",
    record({ code: filled, message: filled, target_id: clientId, retry_after_ms: fc.nat() }, [
      "code",
      "message",
    ]),
  ),
  ...relayed(["from_id", "to_id"]),
);

describe("translation there and back is the identity", () => {
  it("from the Go dialect, for every message of a client and of a server", () => {
    fc.assert(
      fc.property(fc.oneof(ofClient, ofServer), (go) => {
        expect(toGo(fromGo(go))).toStrictEqual(go);
      }),
      runs,
    );
  });

  it("from the frames of the Go dialect, but for their time", () => {
    const decoders = [
      [ofClient, decodeGoClientMessage],
      [ofServer, decodeGoServerMessage],
    ] as const;
    for (const [messages, decode] of decoders) {
      fc.assert(
        fc.property(messages, ({ id = "", type, data }) => {
          const frame = Frame.fromText(
            JSON.stringify({ id, type, timestamp: at.toISOString(), data }),
          );
          expect(encodeGoMessage(decode(frame).message, at)?.text).toBe(frame.text);
        }),
        runs,
      );
    }
  });

  it("from conic.v1, for all that both know; a candidate is the same candidate", () => {
    const correlation = fc.option(filled, { nil: undefined });
    const candidate = fc.oneof(
      init.map((value) => JSON.stringify(value)),
      fc.constantFrom("", "candidate:1 1 udp 2 192.0.2.1 3 typ host"),
    );
    fc.assert(
      fc.property(clientId, clientId, correlation, candidate, (ID, TargetID, id, Candidate) => {
        const v1: ClientMessage = {
          type: "candidate",
          ...(id === undefined ? {} : { id }),
          body: { ID, TargetID, Candidate },
        };
        const again = fromGo(toGo(v1) ?? { type: "register_request", data: {} });
        expect(again).toMatchObject({ ...v1, body: { ID, TargetID } });
        const after = again.body as { readonly Candidate: string };
        expect(decodeCandidate(after.Candidate)).toStrictEqual(decodeCandidate(Candidate));
      }),
      runs,
    );
  });

  it("across two servers: Go to conic.v1, and there to Go again", () => {
    fc.assert(
      fc.property(fc.oneof(...relayed(["from_id", "to_id"])), ({ id = "", type, data }) => {
        const frame = Frame.fromText(
          JSON.stringify({ id, type, timestamp: at.toISOString(), data }),
        );
        const decoded = decodeGoClientMessage(frame) as Decoded<RelayMessage>;
        const { ID = alice } = decoded.message.body;
        const between = forwardGoFrame(decoded, ID, "conic.v1", at);
        const { message: arrived } = decodeServerMessage(between);
        expect(encodeGoMessage(arrived, at)?.text).toBe(frame.text);
      }),
      runs,
    );
  });
});

describe("a refusal", () => {
  it.each(["register", "unregister"] as const)("of a %s request is its response", (type) => {
    const body = { Code: "id_taken", Message: "another client holds that id" };
    const refusal = refusalToGo({ type, ID: alice }, { type: "error", id: "7", body });
    expect(refusal).toStrictEqual({
      type: `${type}_response`,
      id: "7",
      data: { client_id: "alice", success: false, code: body.Code, message: body.Message },
    });
    expect(fromGo(refusal)).toStrictEqual({ type: "error", id: "7", body });
  });
});

describe("what the Go dialect has no words for", () => {
  it("is not sent", () => {
    const body = { Room: parseRoomName("lobby"), ID: bob };
    expect(encodeGoMessage({ type: "peer_joined", body }, at)).toBeUndefined();
  });

  it("is left out: ICE servers and the resume secret", () => {
    const body = { ID: bob, ICEServers: [{ urls: "turn:t", credential: "c" }], Resume: "secret" };
    const { text: sent } = encodeGoMessage({ type: "register_response", body }, at) ?? {};
    expect(sent).not.toMatch(/secret|turn/);
  });
});

describe("the schemas", () => {
  it("know every type that is decoded", () => {
    expect(Object.keys({ ...goClientTypes, ...goServerTypes }).toSorted()).toStrictEqual([
      "candidate",
      "data_channel",
      "error",
      "register_request",
      "register_response",
      "sdp",
      "unregister_request",
      "unregister_response",
    ]);
    expect(encodeMessage({ type: "register", body: {} }).text).toBe('{"type":"register"}');
  });
});
