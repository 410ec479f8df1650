import {
  chopped,
  echoed,
  echoFirst,
  moreFrame,
  pingFrame,
  pongFrame,
  protocolError,
  textFrame,
  type Case,
  type Heard,
  type Step,
} from "../case.js";

const open = { fin: false };
const two = [textFrame("fragment1", open), moreFrame("fragment2")];
const whole = echoed("fragment1fragment2");
const ponged = (payload: string): Heard => ["pong", payload];

/** One exchange as a list of frames: at once, each frame by itself, and octet by octet, as the suite does. */
function chops(
  numbers: readonly [number, number, number],
  what: string,
  frames: readonly Buffer[],
  expect: readonly Heard[],
): readonly Case[] {
  const all = Buffer.concat(frames);
  const ways: readonly (readonly [string, readonly Step[]])[] = [
    ["in one chop", [all]],
    ["frame by frame", frames],
    ["octet by octet", chopped(all, 1)],
  ];
  return ways.map(([how, send], i) => ({
    id: `5.${numbers[i] ?? ""}`,
    what: `${what}, ${how}`,
    send,
    expect,
  }));
}

const twice = (frames: readonly Buffer[]): readonly Buffer[] => [...frames, ...frames];
const failed = [protocolError];

const orphans: readonly Case[] = [
  ...chops(
    [9, 10, 11],
    "a continuation of nothing with FIN, then a text",
    [moreFrame("nothing before"), textFrame()],
    failed,
  ),
  ...chops(
    [12, 13, 14],
    "a continuation of nothing without FIN, then a text",
    [moreFrame("nothing before", open), textFrame()],
    failed,
  ),
  {
    id: "5.15",
    what: "two fragments, a continuation of nothing, a text",
    send: [...two, 1, moreFrame("fragment3", open), textFrame("fragment4")],
    expect: [whole, protocolError],
    adapted: echoFirst,
  },
  {
    id: "5.16",
    what: "twice: a continuation of nothing without FIN, then a text of two fragments",
    send: twice([moreFrame("fragment1", open), ...two]),
    expect: failed,
  },
  {
    id: "5.17",
    what: "twice: a continuation of nothing with FIN, then a text of two fragments",
    send: twice([moreFrame("fragment1"), ...two]),
    expect: failed,
  },
  {
    id: "5.18",
    what: "two fragments that both say text",
    send: [textFrame("fragment1", open), textFrame("fragment2")],
    expect: failed,
  },
];

const five = [
  textFrame("fragment1", open),
  moreFrame("fragment2", open),
  pingFrame("ping 1"),
  moreFrame("fragment3", open),
  moreFrame("fragment4", open),
  pingFrame("ping 2"),
  moreFrame("fragment5"),
];
const fiveHeard = [
  ponged("ping 1"),
  ponged("ping 2"),
  echoed("fragment1fragment2fragment3fragment4fragment5"),
];

/** 5: messages in fragments, and what may and may not stand between them. */
export const fragmentation: readonly Case[] = [
  {
    id: "5.1",
    what: "a ping of two fragments",
    send: [pingFrame("fragment1", open), moreFrame("fragment2")],
    expect: failed,
  },
  {
    id: "5.2",
    what: "a pong of two fragments",
    send: [pongFrame("fragment1", open), moreFrame("fragment2")],
    expect: failed,
  },
  ...chops([3, 4, 5], "a text of two fragments", two, [whole]),
  ...chops(
    [6, 7, 8],
    "a ping between two fragments",
    [textFrame("fragment1", open), pingFrame("ping"), moreFrame("fragment2")],
    [ponged("ping"), whole],
  ),
  ...orphans,
  {
    id: "5.19",
    what: "five fragments and two pings, in two parts",
    send: [Buffer.concat(five.slice(0, 3)), 1, Buffer.concat(five.slice(3))],
    expect: fiveHeard,
  },
  {
    id: "5.20",
    what: "the same, frame by frame",
    send: [...five.slice(0, 3), 1, ...five.slice(3)],
    expect: fiveHeard,
  },
];
