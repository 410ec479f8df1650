import { opcodes } from "../../support/raw-client.js";
import {
  chopped,
  echoed,
  fragments,
  invalidText,
  moreFrame,
  textFrame,
  type Case,
} from "../case.js";
import { sequences } from "./utf8-sequences.js";

const umlauts = Buffer.from("Hello-µ@ßöäüàá-UTF-8!!");
const greek = Buffer.from("κόσμε");
const surrogate = Buffer.concat([greek, Buffer.from("eda080", "hex"), Buffer.from("edited")]);
/** Greek, U+110000, which does not exist, and more: wrong from the second octet of that on. */
const beyond = Buffer.concat([greek, Buffer.from("f4908080", "hex"), Buffer.from("edited")]);
const open = { fin: false };
const late = "the text is looked at when the message is whole, as the suite allows (non-strict)";

const valid: readonly Case[] = [
  { id: "6.1.1", what: "an empty text", send: [textFrame("")], expect: [echoed("")] },
  {
    id: "6.1.2",
    what: "three empty fragments",
    send: [textFrame("", open), moreFrame("", open), moreFrame("")],
    expect: [echoed("")],
  },
  {
    id: "6.1.3",
    what: "three fragments, of which the second is not empty",
    send: [textFrame("", open), moreFrame("middle frame payload", open), moreFrame("")],
    expect: [echoed("middle frame payload")],
  },
  { id: "6.2.1", what: "UTF-8", send: [textFrame(umlauts)], expect: [echoed(umlauts)] },
  {
    id: "6.2.2",
    what: "UTF-8 in two fragments, between two characters",
    send: [textFrame("Hello-µ@ßöä", open), moreFrame("üàá-UTF-8!!")],
    expect: [echoed(umlauts)],
  },
  {
    id: "6.2.3",
    what: "UTF-8 in fragments of one octet",
    send: fragments(opcodes.text, umlauts, 1),
    expect: [echoed(umlauts)],
  },
  {
    id: "6.2.4",
    what: "Greek in fragments of one octet",
    send: fragments(opcodes.text, greek, 1),
    expect: [echoed(greek)],
  },
];

function inThree(id: string, what: string, parts: readonly Buffer[]): Case {
  return { id, what, send: parts, expect: [invalidText], adapted: late };
}

/** A message of three frames, or one frame in three chops, cut behind these octets. */
function cutAt(first: number, second: number): readonly Buffer[] {
  return [beyond.subarray(0, first), beyond.subarray(first, second), beyond.subarray(second)];
}

function framesOf(parts: readonly Buffer[]): readonly Buffer[] {
  return parts.map((part, i) =>
    i === 0 ? textFrame(part, open) : moreFrame(part, { fin: i === 2 }),
  );
}

function chopsOf(parts: readonly Buffer[]): readonly Buffer[] {
  const frame = textFrame(beyond);
  const head = frame.length - beyond.length;
  const [first = beyond, second = beyond] = parts;
  return [
    frame.subarray(0, head + first.length),
    frame.subarray(head + first.length, head + first.length + second.length),
    frame.subarray(head + first.length + second.length),
  ];
}

const invalid: readonly Case[] = [
  {
    id: "6.3.1",
    what: "a surrogate within text",
    send: [textFrame(surrogate)],
    expect: [invalidText],
  },
  {
    id: "6.3.2",
    what: "a surrogate within text, in fragments of one octet",
    send: fragments(opcodes.text, surrogate, 1),
    expect: [invalidText],
  },
  inThree("6.4.1", "three frames, the second with U+110000", framesOf(cutAt(11, 15))),
  inThree(
    "6.4.2",
    "three frames, the second with the octet that is wrong",
    framesOf(cutAt(12, 13)),
  ),
  inThree("6.4.3", "three chops, the second with U+110000", chopsOf(cutAt(11, 15))),
  inThree("6.4.4", "three chops, the second with the octet that is wrong", chopsOf(cutAt(12, 13))),
];

/** 6: text that is, and is not, UTF-8. 6.5 to 6.23 are of Markus Kuhn's stress test for decoders. */
export const utf8: readonly Case[] = [
  ...valid,
  ...invalid,
  ...sequences.flatMap(({ number, what, octets }) =>
    octets.map(([isText, payload], i) => ({
      id: `6.${number}.${i + 1}`,
      what: `${what}: ${payload.toString("hex")}`,
      send: chopped(textFrame(payload), 64),
      expect: [isText ? echoed(payload) : invalidText],
    })),
  ),
];
