import { describe, expect, it } from "vitest";
import { Lab } from "../support/lab.js";
import { chunk, concat, readU16, readU32, types, u16, u32 } from "../support/packets.js";

const text = (value: string): Uint8Array => Buffer.from(value);
const open = concat(Uint8Array.of(3, 0, 1, 0), u32(0), u16(1, 0), text("r"));

/** A lab whose remote has opened the channel "r" on stream 1; its next message there has number 1. */
function listening(): Lab {
  const lab = new Lab().connect();
  lab.give(lab.data(1, 50, open));
  lab.log.length = 0;
  lab.forget();
  return lab;
}

/** Message `ssn` of the channel, whose text is its number. */
function message(
  lab: Lab,
  ssn: number,
  options: { flags?: number; tsn?: number } = {},
): Uint8Array {
  return lab.data(1, 51, text(`${ssn}`), { ssn, ...options });
}

function forward(tsn: number, ...streams: readonly (readonly [number, number])[]): Uint8Array {
  return chunk(types.forwardTsn, 0, u32(tsn), ...streams.map(([id, ssn]) => u16(id, ssn)));
}

/** Cumulative TSN and gap blocks of the last SACK. */
function lastSack(lab: Lab): { cumulative: number; gaps: number[]; duplicates: number } {
  const value = lab.chunks(types.sack).at(-1)?.value ?? u32(0, 0, 0);
  const gaps = Array.from({ length: 2 * readU16(value, 8) }, (_, at) =>
    readU16(value, 12 + 2 * at),
  );
  return { cumulative: readU32(value, 0), gaps, duplicates: readU16(value, 10) };
}

describe("messages of a stream", () => {
  it("wait for the one before them, and come once however often they are sent", () => {
    const lab = listening();
    const [one, two, three] = [1, 2, 3].map((ssn) => message(lab, ssn));
    for (const chunks of [[three], [two], [three], [two, two]]) {
      lab.give(...chunks.filter((each) => each !== undefined));
    }
    expect(lab.log).toEqual([]);
    for (let times = 0; times < 3; times += 1) if (one !== undefined) lab.give(one);
    expect(lab.log).toEqual(["r 1", "r 2", "r 3"]);
    expect(lastSack(lab)).toEqual({ cumulative: lab.tsn - 1, gaps: [], duplicates: 1 });
  });

  it("do not wait when they are unordered, nor do others for them", () => {
    const lab = listening();
    const missing = message(lab, 1);
    lab.give(message(lab, 0, { flags: 7 }));
    lab.give(message(lab, 2));
    expect(lab.log).toEqual(["r 0"]);
    lab.give(missing);
    expect(lab.log).toEqual(["r 0", "r 1", "r 2"]);
  });

  it("are put together from fragments in any order", () => {
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [0, 2, 1],
    ];
    for (const order of orders) {
      const lab = listening();
      const parts = ["a", "b", "c"].map((part, at) =>
        lab.data(1, 51, text(part), { ssn: 1, flags: [2, 0, 1][at] ?? 0 }),
      );
      const after = message(lab, 2);
      lab.give(after);
      for (const at of order) lab.give(parts[at] ?? after);
      expect(lab.log).toEqual(["r abc", "r 2"]);
    }
  });

  it("whose fragments contradict each other end the association", () => {
    const lab = listening();
    lab.give(lab.data(1, 51, text("a"), { ssn: 1, flags: 2 }));
    lab.give(lab.data(3, 51, text("b"), { ssn: 1, flags: 1 }));
    expect([lab.state, lab.error?.code]).toEqual(["closed", "invalid_message"]);
  });

  it.each([
    [
      "the same place twice",
      [
        [2, 53],
        [0, 1],
        [0, 1],
      ],
    ],
    [
      "a place behind the last one",
      [
        [2, 53],
        [1, 2],
        [0, 3],
      ],
    ],
    [
      "two ends",
      [
        [1, 2],
        [1, 3],
      ],
    ],
    [
      "a second beginning",
      [
        [2, 53],
        [2, 53],
      ],
    ],
  ])("whose fragments contradict each other end it with I-DATA too: %s", (_what, fragments) => {
    const extensions = [types.forwardTsn, types.reconfig, types.iData, types.iForwardTsn];
    const lab = new Lab({ extensions }).connect();
    for (const [flags = 0, word = 0] of fragments) {
      expect(lab.state).toBe("connected");
      const header = [u32(lab.takeTsn()), u16(1, 0), u32(0, word)];
      lab.give(chunk(types.iData, flags, ...header, text("a")));
    }
    expect([lab.state, lab.error?.code]).toEqual(["closed", "invalid_message"]);
  });

  it("that end one after the other are two, whatever comes between beginnings", () => {
    const lab = listening();
    lab.give(lab.data(1, 51, text("a"), { ssn: 1, flags: 2 }));
    const end = lab.data(1, 51, text("b"), { ssn: 1, flags: 1 });
    const begin = lab.data(1, 51, text("c"), { ssn: 2, flags: 2 });
    lab.give(begin);
    lab.give(end);
    lab.give(lab.data(1, 51, text("d"), { ssn: 2, flags: 1 }));
    expect(lab.log).toEqual(["r ab", "r cd"]);
  });
});

describe("gaps", () => {
  it("are named as offsets, and close", () => {
    const lab = listening();
    const base = lab.tsn;
    for (const offset of [2, 3, 6]) lab.give(message(lab, 9, { flags: 7, tsn: base + offset }));
    expect(lastSack(lab)).toEqual({ cumulative: base - 1, gaps: [3, 4, 7, 7], duplicates: 0 });
    lab.give(message(lab, 9, { flags: 7, tsn: base }));
    expect(lastSack(lab)).toEqual({ cumulative: base, gaps: [2, 3, 6, 6], duplicates: 0 });
    lab.give(message(lab, 9, { flags: 7, tsn: base + 1 }));
    expect(lastSack(lab)).toEqual({ cumulative: base + 3, gaps: [3, 3], duplicates: 0 });
  });

  it("are acknowledged at once, each time", () => {
    const lab = listening();
    for (let count = 1; count < 5; count += 1) {
      lab.forget();
      lab.give(message(lab, 9, { flags: 7, tsn: lab.tsn + 2 * count }));
      expect(lab.chunks(types.sack)).toHaveLength(1);
    }
  });
});

describe("FORWARD TSN", () => {
  it("passes over what was given up, and delivers what waited for it", () => {
    const lab = listening();
    const base = lab.tsn;
    lab.tsn += 2;
    lab.give(message(lab, 3), message(lab, 4));
    expect(lab.log).toEqual([]);
    lab.give(forward(base + 1, [1, 2]));
    expect(lab.log).toEqual(["r 3", "r 4"]);
    expect(lastSack(lab)).toEqual({ cumulative: base + 3, gaps: [], duplicates: 0 });
    lab.give(message(lab, 1, { tsn: base }), message(lab, 2, { tsn: base + 1 }));
    expect(lab.log).toEqual(["r 3", "r 4"]);
  });

  it("is acknowledged, also when it says nothing new", () => {
    const lab = listening();
    lab.tsn += 1;
    for (let times = 0; times < 3; times += 1) {
      lab.forget();
      lab.give(forward(lab.tsn - 1, [1, 1]));
      expect(lastSack(lab).cumulative).toBe(lab.tsn - 1);
    }
    lab.forget();
    lab.give(forward(lab.tsn - 5, [1, 9]));
    expect(lastSack(lab).cumulative).toBe(lab.tsn - 1);
    lab.give(message(lab, 2));
    expect(lab.log).toEqual(["r 2"]);
  });

  it("that names a number which its stream has passed does not take the stream back", () => {
    const lab = listening();
    lab.give(message(lab, 1), message(lab, 2), message(lab, 3));
    lab.tsn += 1;
    lab.give(forward(lab.tsn - 1, [1, 1]));
    lab.give(message(lab, 4));
    expect(lab.log).toEqual(["r 1", "r 2", "r 3", "r 4"]);
  });

  it("drops the fragments of what was given up, and no others", () => {
    const lab = listening();
    const whole = lab.data(1, 51, text("a"), { ssn: 1, flags: 2 });
    const lost = lab.tsn;
    lab.tsn += 1;
    lab.give(whole, lab.data(1, 51, text("b"), { ssn: 2, flags: 2 }));
    lab.give(forward(lost, [1, 1]));
    lab.give(lab.data(1, 51, text("c"), { ssn: 2, flags: 1 }));
    expect(lab.log).toEqual(["r bc"]);
  });
});

function reset(request: number, lastTsn: number, ...ids: readonly number[]): Uint8Array {
  const body = concat(u32(request, 0, lastTsn), u16(...ids));
  return chunk(types.reconfig, 0, concat(u16(13, 4 + body.length), body));
}

/** Request number and result of each answer. */
function answers(lab: Lab): (readonly [number, number])[] {
  return lab
    .chunks(types.reconfig)
    .filter(({ value }) => readU16(value, 0) === 16)
    .map(({ value }) => [readU32(value, 4), readU32(value, 8)]);
}

describe("a reset by the remote", () => {
  it("waits for the data before it, and is answered again as it was the first time", () => {
    const lab = listening();
    const late = message(lab, 1);
    lab.give(reset(100, lab.tsn - 1, 1));
    expect(answers(lab)).toEqual([[100, 6]]);
    expect(lab.incoming[0]?.state).toBe("open");
    lab.forget();
    lab.give(late);
    expect(lab.log).toEqual(["r 1"]);
    expect(lab.incoming[0]?.state).toBe("closing");
    expect(answers(lab)).toEqual([[100, 1]]);
    lab.forget();
    lab.give(reset(100, lab.tsn - 1, 1));
    expect(answers(lab)).toEqual([[100, 1]]);
  });

  it("out of turn is refused", () => {
    const lab = listening();
    lab.give(reset(105, lab.tsn - 1, 1));
    expect(answers(lab)).toEqual([[105, 5]]);
    expect(lab.incoming[0]?.state).toBe("open");
  });

  it("starts the numbers of the stream anew, once this side is closed too", () => {
    const lab = listening();
    lab.give(message(lab, 1), message(lab, 2));
    lab.give(lab.sack(lab.localTsn));
    lab.give(reset(100, lab.tsn - 1, 1));
    const request = lab.chunks(types.reconfig).find(({ value }) => readU16(value, 0) === 13);
    const number = u32(readU32(request?.value ?? u32(0, 0), 4), 1);
    lab.give(chunk(types.reconfig, 0, concat(u16(16, 12), number)));
    expect(lab.log).toEqual(["r 1", "r 2", "r closed"]);
    lab.give(lab.data(1, 50, open, { ssn: 0 }), message(lab, 1));
    expect(lab.log.slice(3)).toEqual(["r open", "r 1"]);
  });
});
