import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey } from "../../src/limits/address-key.js";
import { Addresses } from "../../src/limits/addresses.js";
import type { AddressLimits } from "../../src/limits/options.js";

const open: AddressLimits = {
  maxConnections: 2,
  connections: { burst: 3, perMs: 0.001 },
  messages: { burst: 4, perMs: 0.001 },
  isUnlimited: (address) => address === "127.0.0.1",
};

describe("what counts as one address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:c000:0201", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s is in %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });

  it("is the same for all of a /64, however it is written, and another for the next /64", () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const four = fc.tuple(group, group, group, group);
    fc.assert(
      fc.property(four, four, four, (network, hostA, hostB) => {
        const write = (host: readonly number[]): string =>
          [...network, ...host].map((part) => part.toString(16)).join(":");
        const compressed = new URL(`http://[${write(hostB)}]`).hostname.slice(1, -1);
        fc.pre(network.some((part) => part !== 0));
        expect(addressKey(compressed)).toBe(addressKey(write(hostA)));
        const [a, b, c, d] = network;
        const next = [a, b, c, d ^ 1, ...hostA].map((part) => part.toString(16)).join(":");
        expect(addressKey(next)).not.toBe(addressKey(write(hostA)));
      }),
    );
  });
});

describe("addresses", () => {
  it("have so many connections at once, and one more when one has gone", () => {
    const addresses = new Addresses({ ...open, connections: undefined });
    const uses = [1, 2].map(() => {
      expect(addresses.admit("192.0.2.1", 0)).toBeUndefined();
      return addresses.enter("192.0.2.1", 0);
    });
    const refusal = { limit: "address_connections", retryAfterMs: 10_000 };
    expect(addresses.admit("192.0.2.1", 0)).toEqual(refusal);
    expect(addresses.admit("192.0.2.2", 0)).toBeUndefined();
    if (uses[0] !== undefined) addresses.leave(uses[0], 0);
    expect(addresses.admit("192.0.2.1", 0)).toBeUndefined();
  });

  it("attempt to connect so often, also when the attempts come to nothing", () => {
    const addresses = new Addresses(open);
    for (let i = 0; i < 3; i += 1) expect(addresses.admit("192.0.2.1", 0)).toBeUndefined();
    const refusal = { limit: "address_connection_rate", retryAfterMs: 1_000 };
    expect(addresses.admit("192.0.2.1", 0)).toEqual(refusal);
    expect(addresses.admit("192.0.2.1", 1_000)).toBeUndefined();
  });

  it("share their messages among their connections", () => {
    const addresses = new Addresses(open);
    const [first, second] = [1, 2].map(() => addresses.enter("192.0.2.1", 0));
    expect(first).toBe(second);
    for (let i = 0; i < 4; i += 1) expect(first?.messages?.take(1, 0)).toBe(0);
    expect(second?.messages?.take(1, 0)).toBe(1_000);
  });

  it("of a /64 are one", () => {
    const addresses = new Addresses(open);
    expect(addresses.enter("2001:db8::1", 0)).toBe(addresses.enter("2001:db8::2", 0));
    expect(addresses.size).toBe(1);
  });

  it.each(["127.0.0.1", ""])("that are unlimited, or none, have no limits: %j", (address) => {
    const addresses = new Addresses(open);
    for (let i = 0; i < 10; i += 1) {
      expect(addresses.admit(address, 0)).toBeUndefined();
      expect(addresses.enter(address, 0)).toBeUndefined();
    }
    expect(addresses.size).toBe(0);
  });

  it("are forgotten when their buckets are full again, not before, and not while connected", () => {
    const addresses = new Addresses(open);
    const staying = addresses.enter("192.0.2.1", 0);
    addresses.admit("192.0.2.2", 0);
    addresses.admit("192.0.2.2", 1_000);
    addresses.admit("192.0.2.3", 4_999);
    expect(addresses.size).toBe(3);
    // 4 messages at 1 a second: 4 s after the last attempt.
    addresses.admit("192.0.2.4", 5_000);
    expect(addresses.size).toBe(3);
    if (staying !== undefined) addresses.leave(staying, 6_000);
    expect(addresses.size).toBe(3);
    addresses.admit("192.0.2.5", 10_000);
    expect(addresses.size).toBe(1);
  });

  it("without connections are remembered up to a bound: the oldest is forgotten for one more", () => {
    const addresses = new Addresses(open, 2);
    const connected = addresses.enter("192.0.2.9", 0);
    for (let i = 0; i < 3; i += 1) addresses.admit("192.0.2.1", 0);
    addresses.admit("192.0.2.2", 0);
    expect([addresses.size, addresses.admit("192.0.2.1", 0)?.limit]).toEqual([
      3,
      "address_connection_rate",
    ]);
    // The attempt has made the first the newest.
    addresses.admit("192.0.2.3", 0);
    expect([addresses.size, addresses.admit("192.0.2.1", 0)?.limit]).toEqual([
      3,
      "address_connection_rate",
    ]);
    addresses.admit("192.0.2.2", 0);
    addresses.admit("192.0.2.3", 0);
    expect([addresses.size, addresses.admit("192.0.2.1", 0)]).toEqual([3, undefined]);
    expect(connected?.connections).toBe(1);
  });
});
