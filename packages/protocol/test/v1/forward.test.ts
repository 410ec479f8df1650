import { Frame, type Delivery } from "@conic/domain";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeClientMessage,
  decodeServerMessage,
  deliveryError,
  encodeMessage,
  forwardFrame,
  requireOwnId,
  type Decoded,
  type RelayMessage,
} from "../../src/index.js";
import { clientMessage } from "./arbitraries.js";
import { alice, bob, thrownBy } from "./helpers.js";

type Member = readonly [key: string, value: string];

/** A key as an attacker may write it: each character in either case, and escaped or not. */
function spelling(key: string): fc.Arbitrary<string> {
  const chars = Array.from(key, (char) =>
    fc.tuple(fc.boolean(), fc.boolean()).map(([flip, escape]) => {
      const other = char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase();
      const chosen = flip ? other : char;
      const hex = chosen.charCodeAt(0).toString(16).padStart(4, "0");
      return escape ? String.raw`\u${hex}` : chosen;
    }),
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(key) },
    fc.tuple(...chars).map((c) => c.join("")),
  );
}

const idMember = fc.tuple(spelling("ID"), fc.constantFrom("alice", "mallory"));
const members: fc.Arbitrary<Member[]> = fc.array(idMember, { maxLength: 3 }).chain((ids) =>
  fc.shuffledSubarray<Member>([...ids, ["TargetID", "bob"], ["Candidate", "c"]], {
    minLength: ids.length + 2,
  }),
);

const relayMessage = clientMessage.filter(
  (message): message is RelayMessage => "TargetID" in message.body,
);

const write = (list: readonly Member[]): string =>
  `{${list.map(([key, value]) => `"${key}":${JSON.stringify(value)}`).join(",")}}`;

/** The name under which the laxest parser looks a key up. */
function laxName(key: string): string {
  return (JSON.parse(`"${key}"`) as string).toLowerCase();
}

/** Every value that some parser may take for `ID`: it may ignore case and take any of several. */
function readings(list: readonly Member[]): string[] {
  return list.filter(([key]) => laxName(key) === "id").map(([, value]) => value);
}

function tryForward(text: string): Frame | undefined {
  try {
    const decoded = decodeClientMessage(Frame.fromText(text)) as Decoded<RelayMessage>;
    return forwardFrame(decoded, alice);
  } catch {
    return undefined;
  }
}

describe("S1 S26 forwarding (rule 1)", () => {
  it("lets no parser see another ID than the sender's, however raw is written", () => {
    let forwarded = 0;
    fc.assert(
      fc.property(members, (list) => {
        const frame = tryForward(JSON.stringify({ type: "candidate", raw: write(list) }));
        const seen = readings(list);
        if (frame === undefined) return;
        forwarded += 1;
        expect(seen.every((id) => id === "alice") && seen.length <= 1).toBe(true);
        expect(decodeServerMessage(frame).message.body).toHaveProperty("ID", "alice");
      }),
      { numRuns: 10_000 },
    );
    expect(forwarded).toBeGreaterThan(500);
  });

  it("lets no parser see another raw or type than the one that was checked", () => {
    const own = write([
      ["ID", "alice"],
      ["TargetID", "bob"],
      ["Candidate", "c"],
    ]);
    const forged = write([
      ["ID", "mallory"],
      ["TargetID", "bob"],
      ["Candidate", "c"],
    ]);
    const raw = fc.tuple(spelling("raw"), fc.constantFrom(own, forged));
    const type = fc.tuple(spelling("type"), fc.constantFrom("candidate", "error"));
    const member: fc.Arbitrary<Member> = fc.oneof(raw, type);
    fc.assert(
      fc.property(fc.array(member, { minLength: 2, maxLength: 4 }), (list) => {
        const text = write(list);
        const frame = tryForward(text);
        if (frame === undefined) return;
        expect(list).toHaveLength(2);
        expect(frame.text).toBe(text);
        expect(list.map(([, value]) => value)).not.toContain(forged);
      }),
      { numRuns: 10_000 },
    );
  });

  it("forwards the very frame of a sender that names itself, and stamps the others", () => {
    fc.assert(
      fc.property(relayMessage, (message) => {
        const frame = encodeMessage(message);
        const decoded = decodeClientMessage(frame) as Decoded<RelayMessage>;
        const sender = message.body.ID ?? alice;
        const forwarded = forwardFrame(decoded, sender);
        expect(forwarded === frame).toBe(message.body.ID !== undefined);
        const body = { ...message.body, ID: sender };
        expect(decodeServerMessage(forwarded).message).toStrictEqual({ ...message, body });
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses a foreign ID in every message that has one", () => {
    expect(
      thrownBy(() => {
        requireOwnId(bob, alice);
      }).code,
    ).toBe("forbidden");
    expect(() => {
      requireOwnId(alice, alice);
    }).not.toThrow();
    expect(() => {
      requireOwnId(undefined, alice);
    }).not.toThrow();
  });

  it("refuses to stamp a frame that is not the decoded one", () => {
    const message = decodeClientMessage(
      encodeMessage({ type: "candidate", body: { TargetID: bob, Candidate: "" } }),
    ).message as RelayMessage;
    const frame = Frame.fromText('{"type":"candidate"}');
    expect(thrownBy(() => forwardFrame({ message, frame }, alice)).code).toBe("invalid_argument");
  });
});

describe("what the sender is told of a delivery (rules 3 and 5)", () => {
  it.each(["target_not_found", "slow_consumer", "closed"] as const)(
    "is target_not_found when it failed because of %s",
    (reason) => {
      const error = deliveryError({ status: "undeliverable", reason }, bob);
      expect(error?.code).toBe("target_not_found");
      expect(error?.details).toStrictEqual({ targetId: "bob", reason });
    },
  );

  it.each<Delivery>([{ status: "sent" }, { status: "relayed", node: "n" }])(
    "is nothing when it was $status",
    (delivery) => {
      expect(deliveryError(delivery, bob)).toBeUndefined();
    },
  );
});
