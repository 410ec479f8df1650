import { Frame } from "@conic/domain";
import { failOnLeaks, seededRandom, type RandomSource } from "@conic/internal-testing";
import { decodeServerMessage } from "@conic/protocol";
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

/** How many frames came to the client before the answer to its marker; `check` gets each. */
async function count(
  client: TestClient,
  marker: string,
  check?: (frame: Frame) => void,
): Promise<number> {
  client.sendText(marker);
  for (let frames = 0; ; frames += 1) {
    const frame = await client.nextFrame();
    if (isMarker(frame.text)) return frames;
    check?.(frame);
  }
}

/** Checks what is handed on, however it was recognised: a message by the schema, in UTF-8, of whoever sent it. */
class Receiver {
  /** What alice is, and was: some of her frames register her anew. */
  readonly #ids = new Set<unknown>(["alice"]);
  /** What was handed on in the name of somebody else, or as something else. */
  readonly wrong: string[] = [];

  readonly learn = ({ text }: Frame): void => {
    const { type, raw, data } = JSON.parse(text) as Partial<Record<"type" | "raw", string>> & {
      readonly data?: { readonly client_id?: unknown };
    };
    if (type !== "register_response") return;
    this.#ids.add(raw === undefined ? data?.client_id : (JSON.parse(raw) as { ID: unknown }).ID);
  };

  readonly check = ({ bytes }: Frame): void => {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const { type, raw } = JSON.parse(text) as { readonly type: string; readonly raw: string };
    const { ID } = JSON.parse(raw) as { readonly ID: unknown };
    const { message } = decodeServerMessage(Frame.fromText(text));
    if (message.type !== type || ID === "bob" || !this.#ids.has(ID)) this.wrong.push(text);
  };
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
      const receiver = new Receiver();
      let handedOn = 0;
      for (let done = 0; done < inputs; done += batch) {
        const texts = Array.from({ length: batch }, () => mutate(frames, random));
        const sent = texts.filter((text) => Buffer.byteLength(text) <= maxFrameBytes);
        alice.sendText(registers[dialect]);
        for (const text of sent) alice.sendText(text);
        const answers = await count(alice, markers[dialect], receiver.learn);
        const relayed = await count(bob, markers["conic.v1"], receiver.check);
        handedOn += relayed;
        expect({ at: done, seed, heard: answers + relayed }).toEqual({
          at: done,
          seed,
          heard: sent.length + 1,
        });
      }
      // Not all are so wrong that nothing is tested behind the parser.
      expect(handedOn).toBeGreaterThan(inputs / 100);
      expect(receiver.wrong).toEqual([]);
      expect(entries.filter(({ level }) => level === "error")).toEqual([]);
      expect(changed(before)).toEqual([]);
      expect(Object.keys({})).toEqual([]);
      expect({}).not.toHaveProperty("polluted");
      expect(server.stats()).toMatchObject({ connections: 2 });
      expect(server.stats().errorsSent.internal).toBeUndefined();
    },
  );

  it("10,000 frames of random bytes, and 10,000 in which some bytes are others: likewise", async () => {
    await using server = createSignalingServer({ ...unlimited, resumeTtlMs: 0, reports: false });
    await using bob = TestClient.inMemory(server);
    await bob.register({ ID: "bob" });
    await using alice = TestClient.inMemory(server);
    const random = seededRandom(seed);
    const good = corpus("conic.v1").filter((text) => text.includes("TargetID"));
    const receiver = new Receiver();
    let handedOn = 0;
    for (let done = 0; done < 20_000; done += batch) {
      alice.sendText(registers["conic.v1"]);
      for (let i = 0; i < batch; i += 1) {
        const text = good[Math.floor(random() * good.length)] ?? "";
        const bytes = i % 2 === 0 ? randomBytes(random) : spoilt(text, random);
        alice.connection.send(Frame.fromBytes(bytes));
      }
      const answers = await count(alice, markers["conic.v1"], receiver.learn);
      const relayed = await count(bob, markers["conic.v1"], receiver.check);
      handedOn += relayed;
      expect({ at: done, seed, heard: answers + relayed }).toEqual({
        at: done,
        seed,
        heard: batch + 1,
      });
    }
    expect(handedOn).toBeGreaterThan(1_000);
    expect(receiver.wrong).toEqual([]);
  });
});

function randomBytes(random: RandomSource): Uint8Array {
  return Uint8Array.from({ length: Math.floor(random() * 64) }, () => random() * 256);
}

/** The text with up to two of its bytes replaced, mostly by some that no UTF-8 has. */
function spoilt(text: string, random: RandomSource): Uint8Array {
  const bytes = Buffer.from(text);
  for (let left = Math.floor(random() * 3); left > 0; left -= 1) {
    bytes[Math.floor(random() * bytes.length)] = 0x80 + random() * 0x80;
  }
  return bytes;
}
