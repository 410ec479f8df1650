import { errorCodes, parseClientId, type ClientId } from "@conic/domain";
import * as fc from "fast-check";
import { parseRoomName, type RoomBody, type RoomName } from "../../src/index.js";
import type {
  ClientMessage,
  ErrorBody,
  RegisterBody,
  RegisterResponseBody,
  ReportBody,
  ServerMessage,
} from "../../src/index.js";

const idChars = Array.from("abcXYZ019._~@:-");

export const clientId: fc.Arbitrary<ClientId> = fc
  .string({ unit: fc.constantFrom(...idChars), minLength: 1, maxLength: 64 })
  .map(parseClientId);

const roomName: fc.Arbitrary<RoomName> = clientId.map(parseRoomName);

// "binary" has lone surrogates, controls and what else a string can hold.
const text = fc.string({ unit: "binary", maxLength: 200 });
const correlation = fc.option(fc.string({ unit: "binary-ascii", maxLength: 64 }), {
  nil: undefined,
});

function optional<T extends object>(
  fields: { [P in keyof T]-?: fc.Arbitrary<Exclude<T[P], undefined>> },
  requiredKeys: readonly (keyof T)[],
): fc.Arbitrary<T> {
  return fc.record(fields, {
    requiredKeys: [...requiredKeys],
    noNullPrototype: true,
  }) as fc.Arbitrary<T>;
}

function message<T extends string, B>(type: T, body: fc.Arbitrary<B>) {
  return fc
    .tuple(body, correlation)
    .map(([value, id]) => (id === undefined ? { type, body: value } : { type, id, body: value }));
}

const description = fc.record(
  {
    type: fc.constantFrom("offer", "pranswer", "answer", "rollback"),
    sdp: text,
  },
  { noNullPrototype: true },
);
const content = {
  sdp: { TargetID: clientId, SessionDescription: description },
  candidate: { TargetID: clientId, Candidate: text },
  data_channel: { TargetID: clientId, Label: text, Data: text },
};

function relay(withId: boolean) {
  const fields: Record<string, fc.Arbitrary<unknown>> = { ID: clientId };
  const make = (rest: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record(
      { ...fields, ...rest },
      { requiredKeys: [...(withId ? ["ID"] : []), ...Object.keys(rest)], noNullPrototype: true },
    );
  return [
    message("sdp", make(content.sdp)),
    message("candidate", make(content.candidate)),
    message("data_channel", make(content.data_channel)),
  ];
}

export const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  message(
    "register",
    optional<RegisterBody>(
      { ID: clientId, Token: text, Resume: text, Received: fc.maxSafeNat() },
      [],
    ),
  ),
  message("ack", fc.record({ Received: fc.maxSafeNat() }, { noNullPrototype: true })),
  message("unregister", fc.record({ ID: clientId }, { requiredKeys: [], noNullPrototype: true })),
  ...["join", "leave"].map((type) =>
    message(type, optional<RoomBody>({ ID: clientId, Room: roomName }, ["Room"])),
  ),
  message(
    "report",
    optional<ReportBody>(
      { ID: clientId, Outcome: fc.constantFrom("direct", "relayed", "failed"), Reason: text },
      ["Outcome"],
    ),
  ),
  ...relay(false),
) as unknown as fc.Arbitrary<ClientMessage>;

const iceServer = fc.record(
  { urls: fc.oneof(text, fc.array(text)), username: text, credential: text },
  { requiredKeys: ["urls"], noNullPrototype: true },
);

export const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  message(
    "register_response",
    optional<RegisterResponseBody>(
      {
        ID: clientId,
        ICEServers: fc.array(iceServer),
        Resume: text,
        Received: fc.maxSafeNat(),
        Resumed: fc.boolean(),
        Reports: fc.boolean(),
      },
      ["ID", "ICEServers"],
    ),
  ),
  message("ack", fc.record({ Received: fc.maxSafeNat() }, { noNullPrototype: true })),
  message("unregister_response", fc.record({ ID: clientId }, { noNullPrototype: true })),
  message(
    "error",
    optional<ErrorBody>(
      {
        Code: fc.oneof(text, fc.constantFrom(...Object.keys(errorCodes))),
        Message: text,
        TargetID: clientId,
        RetryAfterMs: fc.nat(),
      },
      ["Code", "Message"],
    ),
  ),
  message(
    "peers",
    fc.record({ Room: roomName, Peers: fc.array(clientId) }, { noNullPrototype: true }),
  ),
  message("leave_response", fc.record({ Room: roomName }, { noNullPrototype: true })),
  ...["peer_joined", "peer_left"].map((type) =>
    message(type, fc.record({ Room: roomName, ID: clientId }, { noNullPrototype: true })),
  ),
  ...relay(true),
) as unknown as fc.Arbitrary<ServerMessage>;
