import type { Frame } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TestClient } from "../support/client.js";
import { createSignalingServer, type SignalingServer } from "../../src/index.js";
import { unlimited } from "./support/limits.js";

failOnLeaks();

type Member = readonly [key: string, value: string];

/** A key as an attacker may write it: each character in either case, escaped or not, or with a letter like it. */
function spelling(key: string): fc.Arbitrary<string> {
  const chars = Array.from(key, (char) =>
    fc.constantFrom(
      char,
      char.toLowerCase(),
      char.toUpperCase(),
      String.raw`\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
      `${char}\u200b`,
    ),
  );
  return fc.oneof(
    fc.constant(key),
    fc.tuple(...chars).map((parts) => parts.join("")),
  );
}

const foreign = fc.constantFrom("bob", "carol", "admin", "Mallory", "mallory\u0000", "");
const claim = (key: string): fc.Arbitrary<Member> => fc.tuple(spelling(key), foreign);
const own = (key: string): fc.Arbitrary<Member> => fc.tuple(spelling(key), fc.constant("mallory"));

const goText = (id: string, type: string, data: string): string =>
  `{"id":"${id}","type":"${type}","timestamp":"2026-01-02T03:04:05Z","data":${data}}`;
const write = (members: readonly Member[]): string =>
  `{${members.map(([key, value]) => `"${key}":${value}`).join(",")}}`;
const quoted = (members: readonly Member[]): Member[] =>
  members.map(([key, value]) => [key, JSON.stringify(value)]);

/** At least one foreign sender, perhaps among others, before or behind the rest of the message. */
function forged(key: string, rest: readonly Member[]): fc.Arbitrary<string> {
  return fc
    .tuple(claim(key), fc.array(fc.oneof(claim(key), own(key)), { maxLength: 2 }))
    .chain(([first, more]) => {
      const all = [...quoted([first, ...more]), ...rest];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .map(write);
}

interface Content {
  readonly type: string;
  readonly v1: readonly Member[];
  readonly go: readonly Member[];
}

const description = '{"type":"offer","sdp":"v=0"}';

/** What a message says beside sender and target, in the words of conic.v1 and of the Go program. */
const contents: readonly Content[] = [
  {
    type: "sdp",
    v1: [["SessionDescription", description]],
    go: [["session_description", description]],
  },
  { type: "candidate", v1: [["Candidate", '""']], go: [["candidate", '{"candidate":""}']] },
  {
    type: "data_channel",
    v1: [
      ["Label", '"x"'],
      ["Data", '""'],
    ],
    go: [
      ["label", '"x"'],
      ["payload", '""'],
    ],
  },
];

const content = fc.tuple(fc.constantFrom(...contents), fc.constantFrom('"bob"', '"carol"'));

const v1Frame = content.chain(([{ type, v1 }, peer]) =>
  forged("ID", [["TargetID", peer], ...v1]).map((raw) => JSON.stringify({ type, raw })),
);

const goFrame = content.chain(([{ type, go }, peer]) =>
  forged("from_id", [["to_id", peer], ...go]).map((data) => goText("1", type, data)),
);

/** Every value that some parser may take for the sender: it may ignore case, and take any of several. */
function senders({ text }: Frame): string[] {
  const envelope = JSON.parse(text) as { type: string; raw?: string };
  if (envelope.type === "error" || envelope.type.endsWith("response")) return [];
  const inner = envelope.raw ?? text;
  return Array.from(inner.matchAll(/"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"/g), (match) => {
    const key = (JSON.parse(`"${match[1] ?? ""}"`) as string).toLowerCase();
    const isSender =
      key.replaceAll(/[^a-z_]/g, "") === (envelope.raw === undefined ? "from_id" : "id");
    // The correlation id of the Go dialect stands outside of its data.
    return isSender ? [JSON.parse(`"${match[2] ?? ""}"`) as string] : [];
  }).flat();
}

/** Everything that has come to a client, without waiting. */
async function heard(client: TestClient, marker: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  client.sendText(marker);
  for (;;) {
    const frame = await client.nextFrame();
    if (frame.text.includes("round-trip")) return frames;
    frames.push(frame);
  }
}

const v1Marker = JSON.stringify({ type: "no_such_type", id: "round-trip" });
const goMarker = goText("round-trip", "no_such_type", "{}");
const v1Honest = JSON.stringify({ type: "candidate", raw: '{"TargetID":"bob","Candidate":""}' });
const goHonest = goText("1", "candidate", '{"to_id":"bob","candidate":{"candidate":""}}');

async function goClient(server: SignalingServer, id: string): Promise<TestClient> {
  const client = TestClient.inMemory(server);
  client.sendText(goText("0", "register_request", `{"client_id":"${id}"}`));
  await client.nextFrame();
  return client;
}

async function v1Client(server: SignalingServer, ID: string): Promise<TestClient> {
  const client = TestClient.inMemory(server);
  await client.register({ ID });
  return client;
}

describe("S1 forged sender ids", () => {
  it.each([
    ["conic.v1", v1Client, v1Frame, v1Marker, v1Honest],
    ["the Go dialect", goClient, goFrame, goMarker, goHonest],
  ] as const)(
    "10,000 messages in %s: none is forwarded in another's name",
    async (_name, connect, frame, marker, honest) => {
      await using server = createSignalingServer(unlimited);
      await using bob = await v1Client(server, "bob");
      await using carol = await goClient(server, "carol");
      await using mallory = await connect(server, "mallory");
      let sent = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(frame, { minLength: 100, maxLength: 100 }), async (frames) => {
          for (const text of frames) mallory.sendText(text);
          sent += frames.length;
          const answers = await heard(mallory, marker);
          const forwarded = [...(await heard(bob, v1Marker)), ...(await heard(carol, goMarker))];
          expect(forwarded.flatMap(senders).filter((id) => id !== "mallory")).toEqual([]);
          expect(answers.length + forwarded.length).toBe(frames.length);
        }),
        { numRuns: 100 },
      );
      expect(sent).toBe(10_000);
      mallory.sendText(honest);
      expect(await heard(mallory, marker)).toEqual([]);
      expect((await heard(bob, v1Marker)).flatMap(senders)).toEqual(["mallory"]);
    },
  );
});
