import { describe, expect, it } from "vitest";
import { Lab } from "../support/lab.js";
import { chunk, packet, parameter, readU32, types, u16, u32 } from "../support/packets.js";

const text = (value: string): Uint8Array => Buffer.from(value);
const interleaving = [types.forwardTsn, types.reconfig, types.iData, types.iForwardTsn];

function talking(options: ConstructorParameters<typeof Lab>[0] = {}): Lab {
  const lab = new Lab(options).connect();
  lab.open();
  lab.sackAll();
  lab.give(
    chunk(lab.association.stats().interleaving ? types.iData : types.data, 3, ...ackData(lab)),
  );
  lab.forget();
  return lab;
}

function ackData(lab: Lab): Uint8Array[] {
  const tsn = u32(lab.takeTsn());
  const ack = Uint8Array.of(2);
  return lab.association.stats().interleaving
    ? [tsn, u16(0, 0), u32(0, 50), ack]
    : [tsn, u16(0, 0), u32(50), ack];
}

describe("off the path", () => {
  it("nothing that lacks the verification tag acts: every chunk type, any state", () => {
    for (const state of ["new", "connecting", "connected", "closing", "closed"]) {
      const lab = inState(state);
      const before = lab.state;
      const sent = lab.sent.length;
      for (let type = 0; type < 256; type += 1) {
        if (type === types.init) continue;
        for (const tag of [0, 1, 0x12_34_56_78]) {
          lab.giveBytes(packet({ tag }, chunk(type, 0, new Uint8Array(32))));
          lab.giveBytes(packet({ tag }, chunk(type, 1, new Uint8Array(32))));
        }
      }
      expect(lab.state).toBe(before);
      expect(lab.sent.length).toBe(sent);
    }
  });

  it("an INIT to what is connected changes nothing, and one in connecting only gets an answer", () => {
    const lab = talking();
    lab.giveBytes(packet({ tag: 0 }, chunk(types.init, 0, u32(66, 5000), u16(9, 9), u32(1))));
    lab.give(chunk(types.cookieEcho, 0, new Uint8Array(64)));
    lab.give(chunk(types.cookieEcho, 0));
    expect(lab.sent).toEqual([]);
    lab.give(lab.data(0, 51, text("alive"), { ssn: 1 }));
    expect(lab.log.at(-1)).toBe("x alive");
    const connecting = inState("connecting");
    connecting.forget();
    for (let count = 0; count < 1000; count += 1) {
      connecting.giveBytes(
        packet({ tag: 0 }, chunk(types.init, 0, u32(count + 1, 5000), u16(9, 9), u32(1))),
      );
    }
    expect(connecting.sent.length).toBeLessThanOrEqual(1000);
    expect(connecting.state).toBe("connecting");
  });

  it("a forged cookie opens nothing", () => {
    const lab = new Lab();
    lab.giveBytes(packet({ tag: 0 }, lab.init()));
    const cookie = lab.cookie().slice();
    cookie[0] = (cookie[0] ?? 0) ^ 1;
    lab.give(chunk(types.cookieEcho, 0, cookie));
    lab.give(chunk(types.cookieEcho, 0, cookie.subarray(0, 1)));
    expect(lab.state).not.toBe("connected");
  });
});

function inState(state: string): Lab {
  const lab = new Lab();
  if (state === "new") return lab;
  if (state === "connecting") {
    lab.channels.connect(lab.now);
    lab.flush();
    return lab;
  }
  lab.connect();
  if (state === "closing") lab.channels.shutdown(lab.now);
  if (state === "closed") lab.channels.abort(lab.now);
  lab.flush();
  return lab;
}

describe("a remote that acknowledges what it likes", () => {
  it.each([1, 1000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2])(
    "TSNs ahead by %d are not believed",
    (ahead) => {
      const lab = talking();
      const channel = lab.open("y");
      channel.send("once", lab.now);
      lab.flush();
      const last = readU32(lab.chunks(types.data).at(-1)?.value ?? u32(0), 0);
      lab.give(lab.sack(last + ahead));
      expect(lab.state).not.toBe("closed");
      expect(channel.isFlushed).toBe(false);
      lab.sackAll();
      expect(channel.isFlushed).toBe(true);
    },
  );

  it("gap blocks of any kind do no harm and cost little", () => {
    const lab = talking();
    const channel = lab.open("y");
    for (let count = 0; count < 3000; count += 1) channel.send(new Uint8Array(8), lab.now);
    lab.flush();
    const first = readU32(lab.chunks(types.data)[0]?.value ?? u32(0), 0);
    const gaps = Array.from({ length: 300 }, (_, index) => u16(index % 7, 65_535));
    const sack = chunk(types.sack, 0, u32(first - 1, 1_000_000), u16(300, 0), ...gaps);
    const backwards = chunk(types.sack, 0, u32(first - 1, 1_000_000), u16(2, 0), u16(9, 3, 0, 0));
    const attack = (): number => {
      const before = performance.now();
      for (let count = 0; count < 300; count += 1) lab.give(sack, backwards);
      return performance.now() - before;
    };
    // The best of some: the machine may be busy with other things.
    let tookMs = Infinity;
    for (let round = 0; round < 5 && tookMs >= 2000; round += 1) {
      tookMs = Math.min(tookMs, attack());
    }
    expect(tookMs).toBeLessThan(2000);
    expect(lab.state).toBe("connected");
  });

  it("a window of zero is probed, not overrun, for as long as it is answered", () => {
    const lab = talking();
    const channel = lab.open("y");
    lab.sackAll(0);
    lab.forget();
    for (let count = 0; count < 100; count += 1) channel.send(new Uint8Array(1000), lab.now);
    lab.flush();
    for (let count = 0; count < 300; count += 1) {
      lab.wait(1000);
      lab.sackAll(0);
    }
    const bytes = new Set(lab.chunks(types.data).map(({ value }) => readU32(value, 0)));
    // One chunk at a time, each acknowledged: the remote takes them although it said 0.
    expect(bytes.size).toBeGreaterThan(50);
    expect(lab.state).toBe("connected");
    lab.sackAll(100_000);
    for (let count = 0; count < 20; count += 1) lab.sackAll(100_000);
    expect(channel.isFlushed).toBe(true);
  });

  it("a window of zero that never takes the probe keeps the association for minutes", () => {
    const lab = talking();
    const channel = lab.open("y");
    lab.sackAll(0);
    const cumulative = readU32(lab.chunks(types.data).at(-1)?.value ?? u32(0), 0);
    channel.send(new Uint8Array(1000), lab.now);
    lab.flush();
    for (let count = 0; count < 300; count += 1) {
      lab.wait(1000);
      lab.give(lab.sack(cumulative, 0));
    }
    expect(lab.state).toBe("connected");
    lab.sackAll();
    expect(channel.isFlushed).toBe(true);
  });
});

describe("a remote that wants this side's memory", () => {
  const big = new Uint8Array(1000);

  it("by messages that never end gets as far as the limit of a message", () => {
    for (const withInterleaving of [false, true]) {
      const lab = talking({
        extensions: withInterleaving ? interleaving : [],
        association: { maxMessageBytes: 20_000 },
      });
      let given = 0;
      for (; lab.state === "connected" && given < 100; given += 1) {
        lab.give(part(lab, 4, given, big, { begin: given === 0 }));
      }
      expect([lab.state, lab.error?.code]).toEqual(["closed", "too_large"]);
      expect(given).toBe(21);
    }
  });

  it("by beginnings of messages on many streams is stopped", () => {
    for (const withInterleaving of [false, true]) {
      const lab = talking({
        extensions: withInterleaving ? interleaving : [],
        association: { maxMessageBytes: 20_000, receiveWindowBytes: 100_000 },
      });
      for (let stream = 0; lab.state === "connected" && stream < 65_000; stream += 1) {
        lab.give(part(lab, stream, 0, big, { begin: true }));
      }
      expect([lab.state, lab.error?.code]).toEqual(["closed", "buffer_full"]);
    }
  });

  it("by many small messages that wait for one before them is stopped as well", () => {
    const lab = talking();
    for (let given = 0; lab.state === "connected" && given < 400_000; given += 50) {
      const chunks = Array.from({ length: 50 }, (_, index) => {
        const stream = 4 + Math.floor((given + index) / 30_000);
        return lab.data(stream, 53, Uint8Array.of(1), { ssn: 1 + ((given + index) % 30_000) });
      });
      lab.give(...chunks);
    }
    expect(lab.error?.code).toBe("buffer_full");
  });

  it("by messages for streams without a channel fills what is meant for that, and no more", () => {
    const lab = talking();
    for (let count = 0; count < 5000; count += 1) {
      lab.give(lab.data(7, 53, big, { flags: 7 }));
    }
    expect(lab.state).toBe("connected");
    expect(lab.faults.length).toBeGreaterThan(4000);
  });

  it("by TSNs far ahead opens only so many gaps", () => {
    const lab = talking();
    for (let count = 0; count < 40_000; count += 1) {
      lab.give(
        lab.data(0, 51, text("?"), { ssn: 5, flags: 7, tsn: (lab.tsn + 1 + 2 * count) >>> 0 }),
      );
    }
    expect(lab.state).toBe("connected");
    expect(Math.max(...lab.sentBytes.map(({ length }) => length))).toBeLessThanOrEqual(1500);
  });

  it("by FORWARD TSN and RE-CONFIG of any content does no harm", () => {
    const lab = talking();
    const ids = Array.from({ length: 500 }, (_, index) => u16(index));
    for (let count = 0; count < 2000; count += 1) {
      lab.give(
        chunk(types.forwardTsn, 0, u32(lab.tsn + count), ...ids.slice(0, 200)),
        chunk(types.reconfig, 0, parameter(13, u32(100 + count, 0, 0), ...ids.slice(0, 200))),
        chunk(types.reconfig, 0, parameter(14, u32(5000 + count), ...ids.slice(0, 100))),
      );
    }
    expect(lab.state).toBe("connected");
    // No more answers than requests, and no more than a few packets a turn.
    expect(lab.sent.length).toBeLessThan(10_000);
  });
});

function part(
  lab: Lab,
  stream: number,
  place: number,
  bytes: Uint8Array,
  { begin }: { begin: boolean },
): Uint8Array {
  const flags = begin ? 2 : 0;
  if (!lab.association.stats().interleaving) {
    return lab.data(stream, 53, bytes, { flags });
  }
  return chunk(
    types.iData,
    flags,
    u32(lab.takeTsn()),
    u16(stream, 0),
    u32(0, begin ? 53 : place),
    bytes,
  );
}
