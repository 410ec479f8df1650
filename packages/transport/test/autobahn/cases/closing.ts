import { closePayload } from "../../support/raw-client.js";
import {
  closeFrame,
  echoed,
  echoFirst,
  hello,
  invalidText,
  moreFrame,
  normal,
  pingFrame,
  protocolError,
  textFrame,
  type Case,
} from "../case.js";

const close = (code: number, reason = ""): Buffer => closeFrame(closePayload(code, reason));
const large = "BAsd7&jh23".repeat(6_553);

const order: readonly Case[] = [
  {
    id: "7.1.1",
    what: "a text, then a close",
    send: [textFrame(), 1, close(1000)],
    expect: [echoed(), normal],
    clean: true,
    adapted: echoFirst,
  },
  {
    id: "7.1.2",
    what: "two closes",
    send: [close(1000), close(1000)],
    expect: [normal],
    clean: true,
  },
  {
    id: "7.1.3",
    what: "a close, then a ping",
    send: [close(1000), pingFrame()],
    expect: [normal],
    clean: true,
  },
  {
    id: "7.1.4",
    what: "a close, then a text",
    send: [close(1000), textFrame()],
    expect: [normal],
    clean: true,
  },
  {
    id: "7.1.5",
    what: "a fragment, a close, the other fragment",
    send: [textFrame("fragment1", { fin: false }), close(1000), moreFrame("fragment2")],
    expect: [normal],
    clean: true,
  },
  {
    id: "7.1.6",
    what: "a large text, a small one, a close, a ping",
    send: [textFrame(large), textFrame(), 2, close(1000), pingFrame()],
    expect: [echoed(large), echoed(), normal],
    clean: true,
    adapted: `64 KB for the suite's 256, as messages end at 64 KiB; ${echoFirst}`,
  },
];

const payloads: readonly Case[] = [
  {
    id: "7.3.1",
    what: "a close of nothing",
    send: [closeFrame()],
    expect: [["close", 1005]],
    clean: true,
  },
  { id: "7.3.2", what: "a close of one octet", send: [closeFrame("a")], expect: [protocolError] },
  { id: "7.3.3", what: "a close with a code", send: [close(1000)], expect: [normal], clean: true },
  {
    id: "7.3.4",
    what: "a close with a code and a reason",
    send: [close(1000, hello)],
    expect: [normal],
    clean: true,
  },
  {
    id: "7.3.5",
    what: "a close with the longest reason",
    send: [close(1000, "*".repeat(123))],
    expect: [normal],
    clean: true,
  },
  {
    id: "7.3.6",
    what: "a close with a reason that is longer",
    send: [close(1000, "*".repeat(124))],
    expect: [protocolError],
  },
  {
    id: "7.5.1",
    what: "a close with a reason that is no UTF-8",
    send: [
      closeFrame(
        Buffer.concat([closePayload(1000, "κόσμε"), Buffer.from("eda080656469746564", "hex")]),
      ),
    ],
    expect: [invalidText],
  },
];

const goodCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const badCodes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const undefinedCodes = [5000, 65_535];

/** 7: how connections end. */
export const closing: readonly Case[] = [
  ...order,
  ...payloads,
  ...goodCodes.map((code, i): Case => ({
    id: `7.7.${i + 1}`,
    what: `a close with ${code}`,
    send: [close(code)],
    expect: [["close", code]],
    clean: true,
  })),
  ...badCodes.map((code, i) => ({
    id: `7.9.${i + 1}`,
    what: `a close with ${code}, which is never sent`,
    send: [close(code)],
    expect: [protocolError],
  })),
  ...undefinedCodes.map((code, i) => ({
    id: `7.13.${i + 1}`,
    what: `a close with ${code}`,
    send: [close(code)],
    expect: [protocolError],
    adapted: "the suite has no opinion; what RFC 6455 section 7.4.2 does not list is refused",
  })),
];
