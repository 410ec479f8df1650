import { opcodes, rawFrame } from "../../support/raw-client.js";
import {
  chopped,
  closeFrame,
  echoed,
  echoFirst,
  hello,
  octets,
  pingFrame,
  pongFrame,
  protocolError,
  textFrame,
  type Case,
  type Heard,
} from "../case.js";

const bytes = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
const long = Buffer.alloc(125, 0xfe);
const ten = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const answered = (payload: Uint8Array | string): Heard => ["pong", octets(payload)];
const singly = (frame: Buffer): readonly Buffer[] => chopped(frame, 1);

/** 2: pings and pongs. */
export const pings: readonly Case[] = [
  { id: "2.1", what: "a ping", send: [pingFrame()], expect: [answered("")] },
  { id: "2.2", what: "a ping of text", send: [pingFrame(hello)], expect: [answered(hello)] },
  { id: "2.3", what: "a ping of octets", send: [pingFrame(bytes)], expect: [answered(bytes)] },
  { id: "2.4", what: "a ping of 125 octets", send: [pingFrame(long)], expect: [answered(long)] },
  {
    id: "2.5",
    what: "a ping of 126 octets",
    send: [pingFrame(Buffer.alloc(126, 0xfe))],
    expect: [protocolError],
  },
  {
    id: "2.6",
    what: "a ping of 125 octets, one by one",
    send: singly(pingFrame(long)),
    expect: [answered(long)],
  },
  { id: "2.7", what: "a pong that nobody asked for", send: [pongFrame()], expect: [] },
  { id: "2.8", what: "the same with a payload", send: [pongFrame("unasked")], expect: [] },
  {
    id: "2.9",
    what: "a pong that nobody asked for, and a ping",
    send: [pongFrame("unasked"), pingFrame("ping")],
    expect: [answered("ping")],
  },
  {
    id: "2.10",
    what: "ten pings",
    send: ten.map((payload) => pingFrame(payload)),
    expect: ten.map(answered),
  },
  {
    id: "2.11",
    what: "ten pings, octet by octet",
    send: ten.flatMap((payload) => singly(pingFrame(payload))),
    expect: ten.map(answered),
  },
];

/** A good text, then a frame that is not, then a ping that nobody must answer. */
function afterHello(id: string, what: string, frame: Buffer, octetWise = false): Case {
  const cut = (bytesOf: Buffer): readonly Buffer[] => (octetWise ? singly(bytesOf) : [bytesOf]);
  return {
    id,
    what: `a text, then ${what}, then a ping`,
    send: [...cut(textFrame()), 1, ...cut(frame), ...cut(pingFrame())],
    expect: [echoed(), protocolError],
    adapted: echoFirst,
  };
}

function alone(id: string, what: string, frame: Buffer): Case {
  return { id, what, send: [frame], expect: [protocolError] };
}

/** 3: reserved bits, which belong to extensions that nobody has agreed to. */
export const reservedBits: readonly Case[] = [
  alone("3.1", "a text with RSV 1", textFrame(hello, { rsv: 1 })),
  afterHello("3.2", "one with RSV 2", textFrame(hello, { rsv: 2 })),
  afterHello("3.3", "one with RSV 3", textFrame(hello, { rsv: 3 })),
  afterHello("3.4", "one with RSV 4", textFrame(hello, { rsv: 4 }), true),
  alone("3.5", "a binary message with RSV 5", rawFrame(opcodes.binary, bytes, { rsv: 5 })),
  alone("3.6", "a ping with RSV 6", pingFrame(hello, { rsv: 6 })),
  alone("3.7", "a close with RSV 7", closeFrame("", { rsv: 7 })),
];

/** 4: opcodes that mean nothing. */
export const reservedOpcodes: readonly Case[] = [
  alone("4.1.1", "opcode 3", rawFrame(3)),
  alone("4.1.2", "opcode 4 with a payload", rawFrame(4, hello)),
  afterHello("4.1.3", "opcode 5", rawFrame(5)),
  afterHello("4.1.4", "opcode 6 with a payload", rawFrame(6, hello)),
  afterHello("4.1.5", "opcode 7 with a payload", rawFrame(7, hello), true),
  alone("4.2.1", "opcode 11", rawFrame(11)),
  alone("4.2.2", "opcode 12 with a payload", rawFrame(12, hello)),
  afterHello("4.2.3", "opcode 13", rawFrame(13)),
  afterHello("4.2.4", "opcode 14 with a payload", rawFrame(14, hello)),
  afterHello("4.2.5", "opcode 15 with a payload", rawFrame(15, hello), true),
];
