import { Frame } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage, parseRoomName, redact, type Message } from "../../src/index.js";
import { alice, bob } from "./helpers.js";

const ids = { ID: alice, TargetID: bob };
const secret = "SECRET 192.0.2.1";
const Room = parseRoomName("SECRET-room");
const seen = { correlationId: "7", from: "alice", to: "bob" };

const cases: readonly (readonly [Message, object])[] = [
  [
    { type: "register", id: "7", body: { ID: alice, Token: secret, Resume: secret } },
    { correlationId: "7", from: "alice", token: true, resume: true },
  ],
  [
    { type: "register", body: {} },
    { token: false, resume: false },
  ],
  [{ type: "unregister", body: { ID: alice } }, { from: "alice" }],
  [
    { type: "sdp", id: "7", body: { ...ids, SessionDescription: { type: "offer", sdp: secret } } },
    { ...seen, sdpType: "offer", sdpChars: 16 },
  ],
  [
    { type: "candidate", id: "7", body: { ...ids, Candidate: secret } },
    { ...seen, candidateChars: 16 },
  ],
  [
    { type: "data_channel", id: "7", body: { ...ids, Label: secret, Data: secret } },
    { ...seen, labelChars: 16, dataChars: 16 },
  ],
  [
    {
      type: "register_response",
      body: {
        ID: alice,
        ICEServers: [{ urls: secret, username: secret, credential: secret }],
        Resume: secret,
      },
    },
    { from: "alice", iceServers: 1 },
  ],
  [{ type: "unregister_response", body: { ID: alice } }, { from: "alice" }],
  [
    { type: "report", body: { ID: alice, Outcome: "failed", Reason: "dtls" } },
    { from: "alice", outcome: "failed", reason: "dtls" },
  ],
  [{ type: "report", body: { Outcome: "direct", Reason: "SECRET" } }, { outcome: "direct" }],
  [
    { type: "join", id: "7", body: { Room } },
    { correlationId: "7", roomChars: 11 },
  ],
  [
    { type: "leave", body: { ID: alice, Room } },
    { from: "alice", roomChars: 11 },
  ],
  [{ type: "leave_response", body: { Room } }, { roomChars: 11 }],
  [
    { type: "peers", body: { Room, Peers: [alice, bob] } },
    { roomChars: 11, peers: 2 },
  ],
  [
    { type: "peer_joined", body: { Room, ID: alice } },
    { from: "alice", roomChars: 11 },
  ],
  [
    { type: "peer_left", body: { Room, ID: alice } },
    { from: "alice", roomChars: 11 },
  ],
  [
    { type: "error", body: { Code: "forbidden", Message: secret, TargetID: bob } },
    { to: "bob", code: "forbidden" },
  ],
  [{ type: "error", body: { Code: secret, Message: secret } }, { code: "unknown" }],
];

describe("what is logged", () => {
  it.each(cases.map(([message, fields]) => ({ type: message.type, message, fields })))(
    "of $type is its ids and sizes",
    ({ message, fields }) => {
      const expected = { type: message.type, ...fields };
      expect(redact(message)).toStrictEqual(expected);
      const frame = encodeMessage(message);
      expect(redact(frame)).toStrictEqual({ ...expected, bytes: frame.byteLength });
    },
  );

  it("of a frame that is no message is its size", () => {
    for (const text of [secret, "", `{"type":"${secret}"}`, `{"type":"sdp","raw":"${secret}"}`]) {
      const frame = Frame.fromText(text);
      expect(redact(frame)).toStrictEqual({ type: "invalid", bytes: text.length });
    }
  });

  it("has no correlation id that could forge a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 64 }), (id) => {
        const { correlationId } = redact({ type: "register", id, body: {} });
        expect(correlationId).toBe(/^[\w.~@:-]+$/.test(id) ? id : undefined);
      }),
    );
  });
});
