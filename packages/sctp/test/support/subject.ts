import type { Random } from "../link/random.js";
import { Lab, type LabOptions } from "./lab.js";
import { chunk, concat, packet, readU32, types, u16, u32 } from "./packets.js";

/** Where an association may be when a packet comes. */
export const situations = [
  "new",
  "connecting",
  "cookie echoed",
  "asked",
  "connected",
  "sending",
  "interleaving",
  "resetting",
  "closing",
  "shutting down",
  "closed",
] as const;
export type Situation = (typeof situations)[number];

const withInterleaving = [types.forwardTsn, types.reconfig, types.iData, types.iForwardTsn];

/** An association in a situation, with small limits so that they are reached. */
export function subject(situation: Situation, random: Random): Lab {
  const options: LabOptions = {
    extensions:
      situation === "interleaving" || random.chance(0.3)
        ? withInterleaving
        : [types.forwardTsn, types.reconfig],
    association: { maxMessageBytes: 8192, receiveWindowBytes: 16_384, maxPacketBytes: 1400 },
    maxChannels: 16,
  };
  const lab = new Lab(options);
  if (situation === "new") return lab;
  if (situation === "asked") {
    lab.giveBytes(packet({ tag: 0 }, lab.init()));
    return lab;
  }
  if (situation === "connecting" || situation === "cookie echoed") {
    lab.channels.connect(lab.now);
    lab.flush();
    if (situation === "cookie echoed") lab.give(lab.initAck());
    return lab;
  }
  lab.connect();
  if (situation !== "connected") populate(lab, random);
  if (situation === "resetting") for (const channel of lab.incoming.slice()) channel.close(lab.now);
  if (situation === "closing" || situation === "shutting down") lab.channels.shutdown(lab.now);
  if (situation === "shutting down") lab.sackAll();
  if (situation === "closed") lab.channels.abort(lab.now);
  lab.flush();
  return lab;
}

/** Channels of all kinds, with messages under way. */
function populate(lab: Lab, random: Random): void {
  const inits = [{}, { ordered: false }, { maxRetransmits: 0 }, { maxPacketLifeTimeMs: 50 }];
  for (const [index, init] of inits.entries()) {
    const channel = lab.channels.open({ label: `${index}`, ...init }, lab.now);
    lab.listen(channel, `${index}`);
    for (let count = 0; count < 4; count += 1) channel.send(new Uint8Array(1500), lab.now);
  }
  lab.flush();
  const open = concat(Uint8Array.of(3, 0, 1, 0), u32(0), u16(1, 0), Uint8Array.of(65));
  for (const id of [1, 3, 5]) lab.give(dataOf(lab, id, 0, 50, open));
  if (random.chance(0.5)) lab.sackAll();
  lab.flush();
}

/** DATA or I-DATA, whichever was agreed on, with the next TSN. */
export function dataOf(
  lab: Lab,
  streamId: number,
  number: number,
  ppid: number,
  bytes: Uint8Array,
  flags: number = 3,
): Uint8Array {
  const tsn = u32(lab.takeTsn());
  return lab.association.stats().interleaving
    ? chunk(types.iData, flags, tsn, u16(streamId, 0), u32(number, ppid), bytes)
    : chunk(types.data, flags, tsn, u16(streamId, number & 0xff_ff), u32(ppid), bytes);
}

/** The last TSN that the association used, or the one it will start with. */
export function lastTsn(lab: Lab): number {
  const type = lab.association.stats().interleaving ? types.iData : types.data;
  const last = lab.chunks(type).at(-1);
  return last === undefined ? lab.localTsn : readU32(last.value, 0);
}
