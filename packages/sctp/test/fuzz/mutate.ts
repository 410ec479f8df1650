import type { Random } from "../link/random.js";
import type { Lab } from "../support/lab.js";
import {
  chunk,
  concat,
  packet,
  parameter,
  readPacket,
  types,
  u16,
  u32,
  withChecksum,
} from "../support/packets.js";
import { dataOf, lastTsn } from "../support/subject.js";

const headerBytes = 12;
const chunkTypes = [...Object.values(types), 15, 63, 127, 191, 255];
const interesting = [0, 1, 2, 3, 4, 5, 0x7f, 0x80, 0xff, 0x7f_ff, 0x80_00, 0xff_ff];
const interesting32 = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** A packet that gets as far as the chunks: right ports, tag and checksum; anything behind them. */
export function hostilePacket(lab: Lab, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const chunks = Array.from({ length: 1 + random.below(3) }, () =>
    hostileChunk(lab, corpus, random),
  );
  const first = chunks[0]?.[0];
  const bytes = packet({ tag: first === types.init ? 0 : lab.localTag }, ...chunks);
  if (random.chance(0.02)) return bytes.slice(0, random.below(bytes.length));
  if (random.chance(0.02)) return anyBytes(random, 100);
  return bytes;
}

function hostileChunk(lab: Lab, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const kind = random.below(10);
  if (kind < 3) return plausibleChunk(lab, random);
  if (kind < 5) return mutated(plausibleChunk(lab, random), random);
  if (kind < 8) return mutated(corpusChunk(corpus, random), random);
  if (kind < 9) return corpusChunk(corpus, random);
  return concat(
    Uint8Array.of(random.pick(chunkTypes), random.below(256)),
    u16(random.chance(0.7) ? random.below(60) : random.uint32() & 0xff_ff),
    anyBytes(random, 60),
  );
}

function corpusChunk(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const found = readPacket(random.pick(corpus))?.chunks ?? [];
  if (found.length === 0) return chunk(types.cookieAck, 0);
  const { type, flags, value } = random.pick(found);
  return chunk(type, flags, value);
}

/** A chunk with numbers near those that the association expects. */
function plausibleChunk(lab: Lab, random: Random): Uint8Array {
  const near = (tsn: number): number => (tsn + random.below(7) - 3) >>> 0;
  const stream = random.below(9);
  switch (random.below(9)) {
    case 0:
      return dataOf(
        lab,
        stream,
        random.below(4),
        random.pick([50, 51, 53, 56, 57, 52, 0]),
        control(random),
      );
    case 1:
      return dataOf(lab, stream, random.below(4), 53, anyBytes(random, 1000), random.below(16));
    case 2: {
      if (random.chance(0.7)) lab.tsn = near(lab.tsn);
      return dataOf(lab, stream, random.below(4), 51, anyBytes(random, 40), random.below(16));
    }
    case 3: {
      const gaps = Array.from({ length: random.below(5) }, () =>
        u16(random.below(9), random.below(20)),
      );
      const cumulative = near(lastTsn(lab) - random.below(8));
      const window = random.pick([0, 1, 1000, 100_000]);
      return chunk(types.sack, 0, u32(cumulative, window), u16(gaps.length, 0), ...gaps);
    }
    case 4: {
      const type = random.pick([types.forwardTsn, types.iForwardTsn]);
      return chunk(type, 0, u32(near(lab.tsn)), u16(stream, random.below(4), 0, random.below(4)));
    }
    case 5: {
      const ids = Array.from({ length: random.below(4) }, () => u16(random.below(9)));
      const request = u32(near(100 + random.below(3)));
      const body = random.pick([u32(0, near(lab.tsn)), u32(near(lab.localTsn), near(lab.tsn - 1))]);
      return chunk(types.reconfig, 0, parameter(13 + random.below(6), request, body, ...ids));
    }
    case 6:
      return chunk(types.reconfig, 0, parameter(16, u32(near(lab.localTsn), random.below(8))));
    case 7:
      return random.pick([
        lab.init(),
        lab.initAck(),
        chunk(types.cookieAck, 0),
        chunk(types.cookieEcho, 0, anyBytes(random, 16)),
      ]);
    default:
      return chunk(random.pick([4, 5, 6, 7, 8, 9, 14]), random.below(2), anyBytes(random, 24));
  }
}

function control(random: Random): Uint8Array {
  const open = concat(
    Uint8Array.of(3, random.pick([0, 1, 2, 0x80, 0x81, 0x82, 3]), 0, random.below(256)),
    u32(random.below(5)),
    u16(random.below(4), random.below(4)),
    anyBytes(random, 8),
  );
  return random.pick([open, Uint8Array.of(2), anyBytes(random, 20), Uint8Array.of(0)]);
}

/** One to four changes; the length field of the chunk is one of the things that change. */
function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let copy = new Uint8Array(bytes);
  for (let change = random.below(4); change >= 0; change -= 1) {
    const view = new DataView(copy.buffer);
    const at = random.below(copy.length);
    const kind = random.below(7);
    if (kind === 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    else if (kind === 1) copy[at] = random.pick(interesting) & 0xff;
    else if (kind === 2 && at + 2 <= copy.length) view.setUint16(at, random.pick(interesting));
    else if (kind === 3 && at + 4 <= copy.length) view.setUint32(at, random.pick(interesting32));
    else if (kind === 4 && copy.length >= 4)
      view.setUint16(2, random.pick([random.below(copy.length + 9), random.pick(interesting)]));
    else if (kind === 5) copy = copy.slice(0, Math.max(4, at));
    else if (copy.length < 2000) copy = new Uint8Array(concat(copy, anyBytes(random, 40)));
  }
  return copy;
}

export function anyBytes(random: Random, limit: number): Uint8Array {
  const bytes = new Uint8Array(random.below(limit));
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = random.uint32();
  return bytes;
}

/** A whole packet as somebody makes it who is not on the path: any bytes, and a tag that is a guess. */
export function strangersPacket(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  if (random.chance(0.3)) return anyBytes(random, 200);
  const copy = random.pick(corpus).slice();
  if (copy.length < headerBytes) return copy;
  new DataView(copy.buffer).setUint32(4, random.uint32());
  const first = copy[headerBytes];
  // INIT has no tag: DTLS keeps strangers from sending one.
  if (first === types.init) copy[headerBytes] = types.sack;
  return withChecksum(copy);
}
