import { Frame } from "@conic/domain";
import { failOnLeaks, seededRandom } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { TestClient } from "../support/client.js";
import { createSignalingServer } from "../../src/index.js";
import { recorder } from "../support/recorder.js";
import { unlimited } from "./support/limits.js";
import { corpus, mutate } from "./support/mutator.js";

failOnLeaks();

/** Inputs for each dialect; a million take some minutes: `CONIC_FUZZ_INPUTS=500000`. */
const inputs = Number(process.env["CONIC_FUZZ_INPUTS"] ?? 50_000);
const seed = Number(process.env["CONIC_FUZZ_SEED"] ?? 20_261_121);
const batch = 50;
const maxFrameBytes = 60_000;

const time = "2026-01-02T03:04:05Z";
const registers = {
  "conic.v1": JSON.stringify({ type: "register", raw: '{"ID":"alice"}' }),
  go: `{"id":"0","type":"register_request","timestamp":"${time}","data":{"client_id":"alice"}}`,
};
const markers = {
  "conic.v1": '{"type":"no_such_type","id":"round-trip"}',
  go: `{"id":"round-trip","type":"no_such_type","timestamp":"${time}","data":{}}`,
};

/** How many frames came to the client before the answer to its marker. */
async function count(client: TestClient, marker: string): Promise<number> {
  client.sendText(marker);
  for (let frames = 0; ; frames += 1) {
    if (isMarker((await client.nextFrame()).text)) return frames;
  }
}

function isMarker(text: string): boolean {
  const { id, type } = JSON.parse(text) as { readonly id?: unknown; readonly type?: unknown };
  return id === "round-trip" && type === "error";
}

const watched = { Object, Array, Function, String, Number, Boolean, Map, Promise, Error };

/** All that prototypes have, by name, which must be the same afterwards. */
function prototypes(): Map<string, unknown> {
  const members = Object.entries(watched).flatMap(([name, { prototype }]) =>
    Reflect.ownKeys(prototype).map((key): [string, unknown] => {
      const member = Object.getOwnPropertyDescriptor(prototype, key);
      // oxlint-disable-next-line typescript/unbound-method -- compared, not called
      const content: unknown = member?.get ?? member?.value;
      return [`${name}.prototype.${String(key)}`, content];
    }),
  );
  return new Map(members);
}

/** Names of what is not as it was. */
function changed(before: ReadonlyMap<string, unknown>): string[] {
  const after = prototypes();
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !Object.is(before.get(name), after.get(name)),
  );
}

describe("S10 malformed frames", () => {
  it.each(["conic.v1", "go"] as const)(
    `${inputs} mutated frames of %s: each is answered or handed on, nothing breaks`,
    async (dialect) => {
      const before = prototypes();
      const { entries, logger } = recorder();
      const quiet = { ...logger, debug: () => undefined, warn: () => undefined };
      await using server = createSignalingServer({
        ...unlimited,
        // Frames of a session are acknowledged, which is no answer to each.
        resumeTtlMs: 0,
        // A good report is not answered; one that nobody asked for is.
        reports: false,
        logger: { ...quiet, info: () => undefined, child: () => quiet },
      });
      await using bob = TestClient.inMemory(server);
      await bob.register({ ID: "bob" });
      await using alice = TestClient.inMemory(server);
      const frames = corpus(dialect);
      const random = seededRandom(seed);
      let handedOn = 0;
      for (let done = 0; done < inputs; done += batch) {
        const texts = Array.from({ length: batch }, () => mutate(frames, random));
        const sent = texts.filter((text) => Buffer.byteLength(text) <= maxFrameBytes);
        alice.sendText(registers[dialect]);
        for (const text of sent) alice.sendText(text);
        const answers = await count(alice, markers[dialect]);
        const relayed = await count(bob, markers["conic.v1"]);
        handedOn += relayed;
        expect({ at: done, seed, heard: answers + relayed }).toEqual({
          at: done,
          seed,
          heard: sent.length + 1,
        });
      }
      // Not all are so wrong that nothing is tested behind the parser.
      expect(handedOn).toBeGreaterThan(inputs / 100);
      expect(entries.filter(({ level }) => level === "error")).toEqual([]);
      expect(changed(before)).toEqual([]);
      expect(Object.keys({})).toEqual([]);
      expect({}).not.toHaveProperty("polluted");
      expect(server.stats()).toMatchObject({ connections: 2 });
      expect(server.stats().errorsSent.internal).toBeUndefined();
    },
  );

  it("10,000 frames of random bytes: each is answered", async () => {
    await using server = createSignalingServer(unlimited);
    await using alice = TestClient.inMemory(server);
    const random = seededRandom(seed);
    for (let done = 0; done < 10_000; done += batch) {
      for (let i = 0; i < batch; i += 1) {
        const bytes = Uint8Array.from({ length: Math.floor(random() * 64) }, () => random() * 256);
        alice.connection.send(Frame.fromBytes(bytes));
      }
      expect(await count(alice, markers["conic.v1"])).toBe(batch);
    }
  });
});
