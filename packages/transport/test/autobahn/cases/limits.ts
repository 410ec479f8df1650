import { opcodes, rawFrame } from "../../support/raw-client.js";
import {
  chopped,
  echoed,
  fragments,
  noBinary,
  textFrame,
  tooLarge,
  tooMany,
  type Case,
  type Heard,
} from "../case.js";

const KiB = 1024;
const largest = 64 * KiB;
const { text, binary } = opcodes;
const limit = "messages end at 64 KiB: the header alone is refused";
const scaled = "64 KiB for the suite's 4 MiB, as messages end there";
const noText = "binary messages are refused";
const few = "a message has at most 64 fragments";

const payload = (bytes: number): string => "*".repeat(bytes);

/** A frame that says it has so many octets, and its first ones. */
function beginning(opcode: number, bytes: number, fin = true): Buffer {
  const frame = rawFrame(opcode, payload(KiB), { fin, claimedBytes: BigInt(bytes) });
  return frame;
}

/** 9.1 and 9.2: whole messages. */
function sizes(group: number, opcode: number): readonly Case[] {
  return [64, 256, 1024, 4096, 8192, 16_384].map((size, i): Case => {
    const id = `9.${group}.${i + 1}`;
    const what = `a message of ${size} KiB, opcode ${opcode}`;
    if (size * KiB > largest) {
      const send = [beginning(opcode, size * KiB)];
      return { id, what, send, expect: [tooLarge], adapted: limit };
    }
    const send = [rawFrame(opcode, payload(size * KiB))];
    if (opcode === binary) return { id, what, send, expect: [noBinary], adapted: noText };
    return { id, what, send, expect: [echoed(payload(size * KiB))] };
  });
}

/** 9.3 and 9.4: messages in fragments. */
function inFragments(group: number, opcode: number): readonly Case[] {
  const one = KiB;
  return [64, 256, one, 4 * one, 16 * one, 64 * one, 256 * one, 1024 * one, 4096 * one].map(
    (size, i): Case => {
      const id = `9.${group}.${i + 1}`;
      const what = `a message in fragments of ${size} octets, opcode ${opcode}`;
      if (size > largest) {
        const send = [beginning(opcode, size, false)];
        return { id, what, send, expect: [tooLarge], adapted: limit };
      }
      const send = [Buffer.concat(fragments(opcode, payload(largest), size))];
      const [expect, adapted] = inFragmentsHeard(opcode, size);
      return { id, what, send, expect: [expect], adapted };
    },
  );
}

function inFragmentsHeard(opcode: number, size: number): readonly [Heard, string] {
  if (largest / size > 64) return [tooMany, few];
  return opcode === binary ? [noBinary, noText] : [echoed(payload(largest)), scaled];
}

/** 9.5 and 9.6: messages in chops. */
function inChops(group: number, opcode: number): readonly Case[] {
  const bytes = 32 * KiB;
  return [64, 128, 256, 512, 1024, 2048].map((size, i) => ({
    id: `9.${group}.${i + 1}`,
    what: `a message in chops of ${size} octets, opcode ${opcode}`,
    send: chopped(rawFrame(opcode, payload(bytes)), size),
    expect: [opcode === binary ? noBinary : echoed(payload(bytes))],
    adapted: opcode === binary ? noText : "32 KiB for 1 MiB: of 1,024 segments a message is whole",
  }));
}

/** 9.7 and 9.8: one message after the other, each when the one before has come back. */
function roundTrips(group: number, opcode: number): readonly Case[] {
  const count = 20;
  return [0, 16, 64, 256, 1024, 4096].map((size, i) => {
    const frame = rawFrame(opcode, payload(size));
    return {
      id: `9.${group}.${i + 1}`,
      what: `${count} messages of ${size} octets, opcode ${opcode}`,
      send: Array.from({ length: count }, (_, sent) => [frame, sent + 1]).flat(),
      expect:
        opcode === binary ? [noBinary] : Array.from({ length: count }, () => echoed(payload(size))),
      adapted: opcode === binary ? noText : `${count} messages for 1,000`,
    };
  });
}

/** 9 and 10: large messages, many fragments, many segments, many messages. */
export const limits: readonly Case[] = [
  ...sizes(1, text),
  ...sizes(2, binary),
  ...inFragments(3, text),
  ...inFragments(4, binary),
  ...inChops(5, text),
  ...inChops(6, binary),
  ...roundTrips(7, text),
  ...roundTrips(8, binary),
  {
    id: "10.1.1",
    what: "a text of 65536 octets in fragments of 1300",
    send: fragments(text, payload(largest), 1300),
    expect: [echoed(payload(largest))],
  },
];

const deflate = "permessage-deflate";
const offers = [
  deflate,
  `${deflate}; client_no_context_takeover; server_no_context_takeover`,
  `${deflate}; client_max_window_bits; server_max_window_bits=9`,
  `${deflate}; client_max_window_bits; server_max_window_bits=15`,
  `${deflate}; server_no_context_takeover; client_max_window_bits=9; server_max_window_bits=9`,
  `${deflate}; server_no_context_takeover; client_max_window_bits=15; server_max_window_bits=15`,
  `${deflate}; server_no_context_takeover; server_max_window_bits=9, ${deflate}`,
] as const;
const plain = "compression is never agreed to: 18 sizes of the suite are one case here";
/** "Hello" in deflate (RFC 7692 section 7.2.3.1). */
const deflated = Buffer.from("f248cdc9c90700", "hex");

function uncompressed(id: string, extensions: string): Case {
  return {
    id,
    what: `a text, then a compressed one, after ${extensions}`,
    send: [textFrame(), 1, textFrame(deflated, { rsv: 4 })],
    expect: [echoed(), ["close", 1002]],
    adapted: plain,
    extensions,
  };
}

/** 12 and 13: what stands between an endpoint and compression bombs. */
export const compression: readonly Case[] = [
  ...Array.from({ length: 5 }, (_, i) => uncompressed(`12.${i + 1}`, deflate)),
  ...offers.map((offer, i) => uncompressed(`13.${i + 1}`, offer)),
];
