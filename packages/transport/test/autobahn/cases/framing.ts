import { opcodes, rawFrame } from "../../support/raw-client.js";
import { chopped, echoed, noBinary, textFrame, type Case } from "../case.js";

const text = "*";
const sizes = [0, 125, 126, 127, 128, 65_535, 65_536] as const;
const noText = "binary messages are refused: signaling is text";

/** 1.1 and 1.2: messages of every length that is written in another way. */
export const framing: readonly Case[] = [
  ...sizes.map((size, i) => ({
    id: `1.1.${i + 1}`,
    what: `a text of ${size} octets`,
    send: [textFrame(text.repeat(size))],
    expect: [echoed(text.repeat(size))],
  })),
  {
    id: "1.1.8",
    what: "a text of 65536 octets, in chops of 997",
    send: chopped(textFrame(text.repeat(65_536)), 997),
    expect: [echoed(text.repeat(65_536))],
  },
  ...sizes.map((size, i) => ({
    id: `1.2.${i + 1}`,
    what: `a binary message of ${size} octets`,
    send: [rawFrame(opcodes.binary, Buffer.alloc(size, 0xfe))],
    expect: [noBinary],
    adapted: noText,
  })),
  {
    id: "1.2.8",
    what: "a binary message of 65536 octets, in chops of 997",
    send: chopped(rawFrame(opcodes.binary, Buffer.alloc(65_536, 0xfe)), 997),
    expect: [noBinary],
    adapted: noText,
  },
];
