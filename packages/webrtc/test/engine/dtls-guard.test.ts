import { describe, expect, it } from "vitest";
import { filterRecords, mayPass } from "../../src/engine/werift/dtls/guard.js";

function record(type: number, epoch: number, body: number[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(0xfefd, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, Buffer.from(body)]);
}

const changeCipherSpec = 20;
const alert = 21;
const handshake = 22;
const applicationData = 23;

describe("DTLS records on their way in", () => {
  it("are told apart inside one datagram", () => {
    const records = [record(20, 0, [1]), record(22, 1, [2, 3]), record(23, 1, [])];
    const seen: [number, number][] = [];
    const all = filterRecords(Buffer.concat(records), (type, epoch) => {
      seen.push([type, epoch]);
      return true;
    });
    expect(seen).toEqual([
      [20, 0],
      [22, 1],
      [23, 1],
    ]);
    expect(all).toEqual(Buffer.concat(records));
    expect(filterRecords(all, (_, epoch) => epoch > 0)).toEqual(Buffer.concat(records.slice(1)));
  });

  it("are dropped when they are cut short", () => {
    const whole = record(22, 0, [1, 2, 3]);
    for (let length = 0; length < whole.length; length += 1) {
      expect(filterRecords(whole.subarray(0, length), () => true)).toHaveLength(0);
    }
    const cut = Buffer.concat([whole, whole.subarray(0, 14)]);
    expect(filterRecords(cut, () => true)).toEqual(whole);
  });

  it("pass during the handshake", () => {
    for (const isClient of [true, false]) {
      const session = { isClient, flight: 4, connected: false };
      for (const type of [changeCipherSpec, alert, handshake]) {
        expect(mayPass({ type: type, epoch: 0 }, session)).toBe(true);
      }
    }
  });

  it("do not make a client answer the flight of the server twice", () => {
    const session = { isClient: true, flight: 5, connected: false };
    expect(mayPass({ type: handshake, epoch: 0 }, session)).toBe(false);
    expect(mayPass({ type: changeCipherSpec, epoch: 0 }, session)).toBe(true);
    expect(mayPass({ type: handshake, epoch: 1 }, session)).toBe(true);
    const server = { ...session, isClient: false };
    expect(mayPass({ type: handshake, epoch: 0 }, server)).toBe(true);
  });

  it("must be protected once the handshake is over", () => {
    for (const isClient of [true, false]) {
      const session = { isClient, flight: 7, connected: true };
      for (const type of [changeCipherSpec, alert, handshake, applicationData]) {
        expect(mayPass({ type: type, epoch: 0 }, session)).toBe(false);
        expect(mayPass({ type: type, epoch: 1 }, session)).toBe(true);
      }
    }
  });
});
