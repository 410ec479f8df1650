import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DtlsRole } from "../src/index.js";
import { connected, Link, type EndOptions, type LinkOptions } from "./support/link.js";
import { plain } from "./support/records.js";

/** Both still talk, and nothing else has come of what was injected. */
function expectAlive(link: Link): void {
  const before = [link.client.received.length, link.server.received.length];
  link.client.send("still");
  link.server.send("here");
  link.run();
  expect(link.server.received.slice(before[1])).toEqual(["still"]);
  expect(link.client.received.slice(before[0])).toEqual(["here"]);
  expect([...link.client.states, ...link.server.states]).toEqual([
    "connecting",
    "connected",
    "connecting",
    "connected",
  ]);
}

const closeNotify = Buffer.from([1, 0]);
const fatalAlert = Buffer.from([2, 40]);
const roles = ["client", "server"] as const;

describe.each(roles)("a connected %s", (role) => {
  const remote: DtlsRole = role === "client" ? "server" : "client";

  it("ignores alerts that anybody can write", () => {
    const link = connected();
    for (const alert of [closeNotify, fatalAlert]) {
      for (const epoch of [0, 1, 2]) link.inject(role, plain(21, alert, epoch));
    }
    link.run();
    expectAlive(link);
  });

  it("ignores the handshake of before, and answers nothing to it", () => {
    const link = connected();
    const sent = link.end(role).sent.length;
    for (const end of roles) {
      for (const datagram of link.end(end).sent) link.inject(role, datagram);
    }
    link.run();
    expect(link.end(role).sent.length).toBe(sent);
    expectAlive(link);
  });

  it("ignores a new handshake of somebody else", () => {
    const link = connected();
    const another = connected();
    const sent = link.end(role).sent.length;
    for (const datagram of another.end(remote).sent) link.inject(role, datagram);
    link.run();
    expect(link.end(role).sent.length).toBe(sent);
    expectAlive(link);
  });

  it("delivers a record once, however often and late it comes again", () => {
    const link = connected();
    const first = link.end(remote).sent.length;
    for (let n = 0; n < 100; n += 1) link.end(remote).send(`message ${n}`);
    const records = link.end(remote).sent.slice(first);
    for (const record of [...records, ...records.toReversed()]) link.inject(role, record, 50);
    link.run();
    const wanted = Array.from({ length: 100 }, (_, n) => `message ${n}`);
    expect(link.end(role).received).toEqual(wanted);
  });

  it("delivers records that come out of order, up to 64 late", () => {
    const link = connected();
    link.path = () => [];
    const first = link.end(remote).sent.length;
    for (let n = 0; n <= 65; n += 1) link.end(remote).send(`message ${n}`);
    const records = link.end(remote).sent.slice(first);
    for (const record of records.toReversed()) link.inject(role, record);
    link.run();
    const late = Array.from({ length: 64 }, (_, n) => `message ${65 - n}`);
    expect(link.end(role).received).toEqual(late);
  });

  it("drops a record of which any bit was changed", () => {
    const link = connected();
    link.path = () => [];
    link.end(remote).send("genuine");
    const genuine = link.end(remote).sent.at(-1) ?? Buffer.alloc(0);
    for (let bit = 0; bit < 8 * genuine.length; bit += 1) {
      const changed = Buffer.from(genuine);
      const at = bit >> 3;
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit & 7)), at);
      link.inject(role, changed);
    }
    link.run();
    expect(link.end(role).received).toEqual([]);
    link.inject(role, genuine);
    link.run();
    expect(link.end(role).received).toEqual(["genuine"]);
  });

  it("survives any bytes", () => {
    const link = connected();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        link.end(role).connection.receive(bytes, link.now);
      }),
    );
    expectAlive(link);
  });

  it("reads all records of a datagram", () => {
    const link = connected();
    link.path = () => [];
    const first = link.end(remote).sent.length;
    for (const text of ["one", "two", "three"]) link.end(remote).send(text);
    link.inject(role, Buffer.concat(link.end(remote).sent.slice(first)));
    link.run();
    expect(link.end(role).received).toEqual(["one", "two", "three"]);
  });

  it("tells the remote when it closes, once, and is closed", () => {
    const link = connected();
    const sent = link.end(role).sent.length;
    link.end(role).connection.close();
    link.end(role).connection.close();
    expect(link.end(role).sent.length).toBe(sent + 1);
    link.run();
    for (const end of [link.client, link.server]) {
      expect(end.states).toEqual(["connecting", "connected", "closed"]);
      expect(end.error).toBe(undefined);
      expect(() => {
        end.send("too late");
      }).toThrow(expect.objectContaining({ code: "closed" }));
    }
  });
});

describe("the size of a record", () => {
  it("is 16 384 bytes of content at most", () => {
    const link = connected();
    link.client.send("x".repeat(16_384));
    link.run();
    expect(link.server.received[0]?.length).toBe(16_384);
    expect(() => {
      link.client.send("x".repeat(16_385));
    }).toThrow(expect.objectContaining({ code: "too_large" }));
  });

  it("may be nothing", () => {
    const link = connected();
    link.client.send("");
    link.run();
    expect(link.server.received).toEqual([""]);
  });
});

describe("the records under one key", () => {
  // The Finished is the first, the farewell the last.
  const limit: LinkOptions = { client: { maxRecords: 10 } };

  it("may be used up to the limit", () => {
    const link = connected(limit);
    for (let n = 0; n < 8; n += 1) link.client.send(`message ${n}`);
    link.run();
    expect(link.server.received.length).toBe(8);
    expect(link.client.state).toBe("connected");
  });

  it("end the connection with the next one, and the remote is told", () => {
    const link = connected(limit);
    for (let n = 0; n < 8; n += 1) link.client.send(`message ${n}`);
    expect(() => {
      link.client.send("one more");
    }).toThrow(expect.objectContaining({ code: "closed" }));
    link.run();
    expect(link.client.state).toBe("failed");
    expect(link.server.state).toBe("closed");
    expect(link.server.received.length).toBe(8);
  });
});

describe("calls out of turn", () => {
  it("are refused", () => {
    const link = new Link();
    const { connection } = link.client;
    const invalid = expect.objectContaining({ code: "invalid_state" }) as unknown;
    expect(() => {
      link.client.send("too early");
    }).toThrow(invalid);
    expect(() => connection.exportKeyingMaterial("x", 1)).toThrow(invalid);
    link.start();
    expect(() => {
      connection.start(0);
    }).toThrow(invalid);
    expect(() => {
      link.client.send("too early");
    }).toThrow(invalid);
  });

  it("do nothing: receive and advance before the start and after the end", () => {
    const link = new Link();
    const { connection } = link.client;
    connection.receive(Buffer.alloc(20, 22), 0);
    connection.advance(1e9);
    expect(connection.nextTimeout()).toBe(undefined);
    connection.close();
    connection.receive(Buffer.alloc(20, 22), 0);
    connection.advance(1e9);
    expect(link.client.states).toEqual(["closed"]);
    expect(link.client.sent).toEqual([]);
  });

  it("are told by options out of range", () => {
    const wrong: readonly EndOptions[] = [
      { maxDatagramBytes: 63 },
      { maxDatagramBytes: 65_508 },
      { initialTimeoutMs: 0 },
      { roundTripMs: -1 },
      { handshakeTimeoutMs: Number.NaN },
      { maxRecords: 7 },
    ];
    for (const client of wrong) {
      expect(() => new Link({ client })).toThrow(
        expect.objectContaining({ code: "invalid_argument" }),
      );
    }
  });
});
