import { describe, expect, it } from "vitest";
import { Lab } from "../support/lab.js";
import {
  chunk,
  concat,
  packet,
  parameter,
  readParameters,
  readU16,
  readU32,
  types,
  u16,
  u32,
} from "../support/packets.js";

const nothing = new Uint8Array(0);
const text = (value: string): Uint8Array => Buffer.from(value);

/** A lab with one channel open, whose remote has said hello once. */
function talking(): Lab {
  const lab = new Lab().connect();
  lab.open();
  lab.give(lab.data(0, 50, Uint8Array.of(2)));
  lab.sackAll();
  lab.forget();
  return lab;
}

/** A message still comes through, in both directions. */
function expectAlive(lab: Lab, ssn: number = 1): void {
  const before = lab.log.length;
  lab.give(lab.data(0, 51, text("alive"), { ssn }));
  expect(lab.log.slice(before)).toEqual(["x alive"]);
  expect(lab.state).toBe("connected");
}

describe("a packet that is none", () => {
  it.each([0, 1, 11, 12, 13, 15])("of %d bytes is dropped", (length) => {
    const lab = talking();
    const bytes = packet({ tag: lab.localTag }, chunk(types.cookieAck, 0)).slice(0, length);
    lab.giveBytes(bytes);
    expect(lab.association.stats().packetsDiscarded).toBe(1);
    expect(lab.sent).toEqual([]);
    expectAlive(lab);
  });

  it("with a bad checksum is dropped", () => {
    const lab = talking();
    const bytes = packet({ tag: lab.localTag }, chunk(types.abort, 0));
    bytes[8] = (bytes[8] ?? 0) ^ 1;
    lab.giveBytes(bytes);
    expect(lab.association.stats().packetsDiscarded).toBe(1);
    expectAlive(lab);
  });

  it("without a checksum is taken, as was agreed on, but no part of the handshake is", () => {
    const lab = talking();
    const bytes = packet({ tag: lab.localTag }, lab.data(0, 51, text("no sum"), { ssn: 1 }));
    bytes.fill(0, 8, 12);
    lab.giveBytes(bytes);
    expect(lab.log.at(-1)).toBe("x no sum");
    const fresh = new Lab();
    const init = packet({ tag: 0 }, fresh.init());
    init.fill(0, 8, 12);
    fresh.giveBytes(init);
    expect(fresh.sent).toEqual([]);
  });

  it("for other ports, or with another verification tag, is dropped", () => {
    const lab = talking();
    const abort = chunk(types.abort, 0);
    lab.giveBytes(packet({ tag: lab.localTag, sourcePort: 5001 }, abort));
    lab.giveBytes(packet({ tag: lab.localTag, destinationPort: 5001 }, abort));
    lab.giveBytes(packet({ tag: lab.localTag ^ 1 }, abort));
    lab.giveBytes(packet({ tag: 0 }, abort));
    expect(lab.association.stats().packetsDiscarded).toBe(4);
    expectAlive(lab);
  });
});

describe("a chunk that is none", () => {
  it.each([0, 1, 2, 3])("of length %d ends its packet, and nothing else", (length) => {
    const lab = talking();
    lab.give(concat(Uint8Array.of(types.sack, 0), u16(length), new Uint8Array(100)));
    lab.give(concat(Uint8Array.of(200, 0), u16(length), new Uint8Array(100)));
    expectAlive(lab);
  });

  it("that goes beyond its packet ends it", () => {
    const lab = talking();
    lab.give(concat(Uint8Array.of(types.abort, 0), u16(200)));
    lab.give(concat(Uint8Array.of(types.data, 3), u16(40), u32(lab.tsn), u16(0, 1), u32(51)));
    expectAlive(lab);
  });

  it.each([types.data, types.sack, types.forwardTsn, types.reconfig, types.init, types.initAck])(
    "of type %d, cut short anywhere, does no harm unless it is DATA without data",
    (type) => {
      for (let length = 0; length < 20; length += 1) {
        const lab = talking();
        lab.give(chunk(type, 3, new Uint8Array(length)));
        expect(lab.state).toBe(type === types.data && length === 12 ? "closed" : "connected");
      }
    },
  );

  it("of DATA without data ends the association (RFC 9260 section 6.2): it was lost on the way, or never was", () => {
    const lab = talking();
    lab.give(lab.data(0, 51, nothing, { ssn: 1 }));
    expect([lab.state, lab.error?.code]).toEqual(["closed", "invalid_message"]);
    expect(lab.chunks(types.abort)).toHaveLength(1);
    expect(lab.log.at(-1)).toBe("x closed invalid_message");
  });

  it("of I-DATA where it was not agreed on is one of an unknown type", () => {
    const lab = talking();
    lab.give(chunk(types.iData, 3, u32(lab.tsn), u16(0, 0), u32(1, 51), text("?")));
    expect(lab.state).toBe("connected");
    expect(lab.chunks(types.error)).toHaveLength(1);
  });
});

describe("a parameter of length 0", () => {
  it("in INIT, INIT ACK or RE-CONFIG is refused with it", () => {
    const bad = concat(u16(0xc0_00, 0), new Uint8Array(16));
    const lab = new Lab();
    lab.giveBytes(packet({ tag: 0 }, chunk(types.init, 0, u32(1, 5000), u16(1, 1), u32(1), bad)));
    expect(lab.sent).toEqual([]);
    lab.channels.connect(lab.now);
    lab.forget();
    lab.give(chunk(types.initAck, 0, u32(1, 5000), u16(1, 1), u32(1), bad));
    expect(lab.sent).toEqual([]);
    const open = talking();
    open.give(chunk(types.reconfig, 0, bad));
    expect(open.faults).toHaveLength(1);
    expectAlive(open);
  });
});

describe("chunks of unknown types", () => {
  it.each([
    ["stop, say nothing", 0x3e, false, false],
    ["stop, report", 0x7e, true, false],
    ["go on, say nothing", 0xbe, false, true],
    ["go on, report", 0xfe, true, true],
  ])("%s: type %d", (_what, type, reports, goesOn) => {
    const lab = talking();
    lab.give(chunk(type, 0, u32(7)), lab.data(0, 51, text("behind"), { ssn: 1 }));
    const errors = lab.chunks(types.error);
    expect(errors).toHaveLength(reports ? 1 : 0);
    for (const { value } of errors) {
      const [cause] = readParameters(value, 0);
      expect([cause?.type, cause?.value[0]]).toEqual([6, type]);
    }
    expect(lab.log.at(-1) === "x behind").toBe(goesOn);
    if (!goesOn) lab.tsn -= 1;
    expect(lab.faults).toHaveLength(1);
    expectAlive(lab, goesOn ? 2 : 1);
  });

  it.each([types.pad, 0x0f, 0x0c, 0x0d, 0x80])("that others use does no harm: %d", (type) => {
    const lab = talking();
    for (const length of [0, 1, 100, 1000]) lab.give(chunk(type, 0xff, new Uint8Array(length)));
    expectAlive(lab);
  });

  it("by the hundred in one packet are answered by no more than a packet or two", () => {
    const lab = talking();
    const many = Array.from({ length: 16_000 }, () => chunk(0xfe, 0));
    lab.give(...many);
    expect(lab.sent.length).toBeLessThanOrEqual(3);
    expect(lab.faults.length).toBeLessThanOrEqual(100);
    expectAlive(lab);
  });
});

describe("unknown parameters of an INIT", () => {
  it("are reported in INIT ACK when their type asks for it, within bounds", () => {
    const unknown = Array.from({ length: 60 }, () => parameter(0xc1_23, new Uint8Array(1000)));
    const lab = new Lab();
    lab.giveBytes(
      packet(
        { tag: 0 },
        chunk(types.init, 0, u32(9, 5000), u16(9, 9), u32(1), parameter(0xc1_23, u32(5))),
      ),
    );
    const [answer] = lab.chunks(types.initAck);
    const reported = readParameters(answer?.value ?? nothing, 16).filter(({ type }) => type === 8);
    expect(reported.map(({ value }) => [readU16(value, 0), readU32(value, 4)])).toEqual([
      [0xc1_23, 5],
    ]);
    lab.forget();
    lab.giveBytes(
      packet({ tag: 0 }, chunk(types.init, 0, u32(9, 5000), u16(9, 9), u32(1), ...unknown)),
    );
    expect(Math.max(...lab.sentBytes.map(({ length }) => length))).toBeLessThanOrEqual(1500);
  });
});

describe("HEARTBEAT", () => {
  it("is answered with what it holds, up to the size of a large packet", () => {
    const lab = talking();
    for (const length of [0, 4, 1000, 8000, 60_000]) {
      lab.forget();
      lab.give(chunk(types.heartbeat, 0, parameter(1, new Uint8Array(length).fill(7))));
      const [answer] = lab.chunks(types.heartbeatAck);
      expect(answer?.value).toEqual(
        parameter(1, new Uint8Array(length).fill(7)).slice(0, 4 + length),
      );
    }
    lab.give(chunk(types.heartbeatAck, 0, parameter(1, u32(1, 2, 3))));
    expectAlive(lab);
  });
});
