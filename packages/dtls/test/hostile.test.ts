import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DtlsRole } from "../src/index.js";
import { HandshakeInbox, maxInboxBytes, maxMessageBytes } from "../src/handshake/inbox.js";
import { HeldRecords, maxHeldBytes, maxHeldRecords } from "../src/held.js";
import { connected, Link, oneWayMs } from "./support/link.js";
import { fragment, message, plain } from "./support/records.js";

const roles = ["client", "server"] as const;
const fatalAlert = plain(21, Buffer.from([2, 40]));

/** Bytes that look like DTLS here and there. */
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .record({
      type: fc.integer({ min: 19, max: 24 }),
      epoch: fc.integer({ min: 0, max: 2 }),
      content: fc.uint8Array({ maxLength: 120 }),
    })
    .map(({ type, epoch, content }) => plain(type, content, epoch)),
  fc
    .record({
      type: fc.integer({ min: 0, max: 25 }),
      sequence: fc.integer({ min: 0, max: 40 }),
      messageBytes: fc.integer({ min: 0, max: 0xffffff }),
      offset: fc.integer({ min: 0, max: 0xffffff }),
      body: fc.uint8Array({ maxLength: 60 }),
    })
    .map((parts) => fragment(parts)),
);

describe.each(roles)("a %s that is in the handshake", (role) => {
  it("survives any bytes, at any moment of it", () => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 20 }), fc.integer({ max: 3 }), (datagrams, at) => {
        let sent = 0;
        const link = new Link({
          path: () => {
            sent += 1;
            if (sent === at)
              for (const datagram of datagrams) link.inject(role, Buffer.from(datagram));
            return [oneWayMs];
          },
        });
        link.start();
        for (const datagram of datagrams) link.inject(role, Buffer.from(datagram));
        link.run(undefined, 40_000);
        expect(["connected", "failed"]).toContain(link.end(role).state);
      }),
      { numRuns: 300 },
    );
  });

  it("survives genuine datagrams that were cut or changed, and never believes them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ max: 5 }), fc.nat(700), fc.nat(255), fc.boolean()), {
          minLength: 1,
          maxLength: 5,
        }),
        (changes) => {
          let sent = -1;
          const link = new Link({
            path: (_, datagram) => {
              sent += 1;
              for (const [which, at, value, cut] of changes) {
                if (which !== sent || at >= datagram.length) continue;
                if (cut) return [];
                datagram.writeUInt8(value, at);
              }
              return [oneWayMs];
            },
          });
          link.connect(40_000);
          const keys = [link.client, link.server].map(({ connection }) =>
            link.isConnected ? connection.exportKeyingMaterial("x", 16) : undefined,
          );
          expect(keys[0]).toEqual(keys[1]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("goes on after an alert that anybody can write, as long as the remote does", () => {
    const clean = connected();
    for (const at of [0, 5, 10, 15, 20, 25, 30, 35]) {
      const link = new Link().start();
      link.inject(role, fatalAlert, at);
      link.run(() => link.isConnected);
      expect(link.isConnected, `after ${at} ms`).toBe(true);
      expect(link.now).toBe(clean.now);
    }
  });

  it("goes on after such an alert though the next datagram of the remote is lost", () => {
    const remote: DtlsRole = role === "client" ? "server" : "client";
    const lost = role === "client" ? 0 : 1;
    const link = new Link({
      path: (from, _, index) => (from === remote && index === lost ? [] : [oneWayMs]),
    }).start();
    link.inject(role, fatalAlert, 25);
    link.run(() => link.isConnected);
    expect(link.isConnected).toBe(true);
  });

  it("is not ended by a Finished that is not protected, before its turn or in it", () => {
    const sequence = role === "client" ? 5 : 4;
    const forged = message(20, sequence, Buffer.alloc(12));
    for (const at of [5, 10, 15, 20, 25, 30, 35]) {
      const link = new Link().start();
      link.inject(role, forged, at);
      link.run(() => link.isConnected);
      expect(link.isConnected, `after ${at} ms`).toBe(true);
      expect(link.now).toBe(4 * oneWayMs);
    }
  });

  it("is not held up by protected records that nobody made", () => {
    const forged = plain(23, Buffer.alloc(100), 1);
    const link = new Link().start();
    for (let n = 0; n < 1_000; n += 1) link.inject(role, forged, n % 30);
    link.run(() => link.isConnected);
    expect(link.isConnected).toBe(true);
    expect(link.end(role).received).toEqual([]);
  });

  it("believes an alert when the remote says nothing more", () => {
    const remote: DtlsRole = role === "client" ? "server" : "client";
    const said = role === "server" ? 1 : 0;
    const link = new Link({
      path: (from, _, index) => (from === remote && index >= said ? [] : [oneWayMs]),
    }).start();
    link.inject(role, fatalAlert, 25);
    link.run(() => link.end(role).state === "failed", 5_000);
    expect(link.end(role).error?.details).toEqual({ alert: "handshake_failure", by: "remote" });
    expect(link.now).toBeLessThan(400);
  });
});

describe("a fresh connection", () => {
  it.each(roles)("survives any bytes as the %s", (role) => {
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 20 }), (datagrams) => {
        const link = new Link();
        const { connection } = link.end(role);
        for (const datagram of datagrams) connection.receive(datagram, 0);
        expect(connection.state).toBe("new");
        connection.start(0);
        for (const datagram of datagrams) connection.receive(datagram, 0);
      }),
    );
  });
});

describe("what a handshake holds", () => {
  it("is 128 KiB of messages in pieces at most, and 64 KiB of one", () => {
    const inbox = new HandshakeInbox();
    const claim = (sequence: number, messageBytes: number): number => {
      const body = Buffer.of(1);
      inbox.add({ type: 11, sequence, messageBytes, offset: 0, body }, 0);
      return inbox.heldBytes;
    };
    expect(claim(0, maxMessageBytes + 1)).toBe(0);
    expect(claim(0, 0xffffff)).toBe(0);
    expect(claim(0, maxMessageBytes)).toBe(maxMessageBytes);
    expect(claim(1, maxMessageBytes)).toBe(maxInboxBytes);
    expect(claim(2, 1)).toBe(maxInboxBytes);
  });

  it("is nothing of messages that are far ahead", () => {
    const inbox = new HandshakeInbox();
    const body = Buffer.alloc(10);
    const add = (sequence: number): number => {
      inbox.add({ type: 11, sequence, messageBytes: 20, offset: 0, body }, 0);
      return inbox.heldBytes;
    };
    expect(add(16)).toBe(0);
    expect(add(15)).toBe(20);
  });

  it("is put together from pieces in any order, doubled and overlapping", () => {
    const body = Buffer.from(Array.from({ length: 50 }, (_, at) => at));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(49), fc.nat(20)), { maxLength: 30 }),
        fc.infiniteStream(fc.nat(49)),
        (pieces, rest) => {
          const inbox = new HandshakeInbox();
          const seen = new Set<number>();
          const add = (offset: number, length: number): void => {
            const piece = body.subarray(offset, offset + length);
            inbox.add({ type: 11, sequence: 0, messageBytes: 50, offset, body: piece }, 0);
            for (let at = offset; at < offset + piece.length; at += 1) seen.add(at);
          };
          for (const [offset, length] of pieces) {
            if (seen.size < 50) add(offset, length);
          }
          for (const at of rest) {
            if (seen.size === 50) break;
            expect(inbox.take(false)).toBe(undefined);
            add(at, 7);
          }
          expect(inbox.take(false)?.body).toEqual(body);
          expect(inbox.heldBytes).toBe(0);
        },
      ),
    );
  });

  it("is replaced by what contradicts it, so that one forgery does not spoil all repetitions", () => {
    const inbox = new HandshakeInbox();
    const genuine = { type: 11, sequence: 0, messageBytes: 4, offset: 0, body: Buffer.alloc(4) };
    inbox.add({ ...genuine, messageBytes: 9_000 }, 0);
    inbox.add({ ...genuine, type: 12 }, 0);
    inbox.add(genuine, 0);
    expect(inbox.take(false)?.type).toBe(11);
  });

  it("is not replaced when it was protected", () => {
    const inbox = new HandshakeInbox();
    const finished = { type: 20, sequence: 0, messageBytes: 12, offset: 0, body: Buffer.alloc(12) };
    inbox.add(finished, 1);
    inbox.add({ ...finished, type: 11 }, 0);
    expect(inbox.take(true)?.type).toBe(20);
    inbox.add({ ...finished, sequence: 1 }, 0);
    expect(inbox.take(true)).toBe(undefined);
    expect(inbox.heldBytes).toBe(0);
  });

  it("is 64 records or 128 KiB of them at most", () => {
    const many = new HeldRecords<number>();
    for (let n = 0; n <= maxHeldRecords; n += 1) many.add(n, 1);
    expect(many.drain().length).toBe(maxHeldRecords);
    const large = new HeldRecords<string>();
    large.add("fits", maxHeldBytes);
    large.add("does not", 1);
    expect(large.drain()).toEqual(["fits"]);
    large.add("fits again", maxHeldBytes);
    expect(large.drain()).toEqual(["fits again"]);
  });
});
