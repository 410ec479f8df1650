import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressMatcher, dialWebSocket } from "../../src/index.js";
import { forwardedAddress } from "../../src/address/proxies.js";
import { failOnLeaks } from "@conic/internal-testing";
import { serve } from "../support/server.js";

const proxies = ["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1"];
const isTrusted = addressMatcher(proxies);

function through(header: string | string[] | undefined, peer = "10.1.2.3"): string {
  // Node's type says string; a framework in between may have made it a list.
  const value = header as string;
  return forwardedAddress(
    peer,
    header === undefined ? {} : { "x-forwarded-for": value },
    isTrusted,
  );
}

describe("a list of networks", () => {
  it.each([
    ["10.0.0.0", true],
    ["10.255.255.255", true],
    ["11.0.0.0", false],
    ["9.255.255.255", false],
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["::ffff:10.0.0.1", true],
    ["::ffff:192.0.2.8", false],
    ["fd12:3456::1", true],
    ["fe80::1", false],
    ["::1", true],
    ["::2", false],
    ["", false],
    ["localhost", false],
    ["10.0.0.1, 10.0.0.2", false],
  ])("%s: %s", (address, expected) => {
    expect(isTrusted(address)).toBe(expected);
  });

  it("answers alike when it is asked again, also about more addresses than it remembers", () => {
    const matches = addressMatcher(["10.0.0.0/16"]);
    const addresses = Array.from({ length: 3000 }, (_, i) => `10.${i % 2}.${i >> 8}.${i & 255}`);
    for (let time = 0; time < 2; time += 1) {
      const answers = addresses.map((address) => matches(address));
      expect(answers).toEqual(addresses.map((address) => address.startsWith("10.0.")));
    }
  });

  it("may hold everything, and nothing", () => {
    expect(addressMatcher(["0.0.0.0/0"])("203.0.113.9")).toBe(true);
    expect(addressMatcher(["::/0"])("2001:db8::1")).toBe(true);
    expect(addressMatcher([])("127.0.0.1")).toBe(false);
  });

  it("takes an IPv4-mapped network for the IPv4 one", () => {
    const mapped = addressMatcher(["::ffff:10.0.0.0/104"]);
    expect([mapped("10.9.9.9"), mapped("11.0.0.0")]).toEqual([true, false]);
  });

  it.each([
    "",
    "x",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "10.0.0/8",
    "fd00::/129",
    "example.net",
    "::ffff:10.0.0.0/95",
  ])("refuses %j", (network) => {
    expect(() => addressMatcher([network])).toThrow(
      expect.objectContaining({ code: "invalid_argument" }) as Error,
    );
  });
});

describe("X-Forwarded-For", () => {
  it("is not looked at when it comes from no trusted proxy", () => {
    expect(through("203.0.113.9", "198.51.100.1")).toBe("198.51.100.1");
    expect(forwardedAddress("::ffff:198.51.100.1", {}, () => false)).toBe("198.51.100.1");
    expect(forwardedAddress(undefined, { "x-forwarded-for": "203.0.113.9" }, isTrusted)).toBe("");
  });

  it.each([
    ["one entry", "203.0.113.9", "203.0.113.9"],
    ["none", undefined, "10.1.2.3"],
    ["an empty one", "", "10.1.2.3"],
    ["one that a client forged, left of its own", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["a forged trusted proxy", "10.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["several proxies", "203.0.113.9, 10.4.4.4, 192.0.2.7", "203.0.113.9"],
    ["proxies only", "10.4.4.4, 10.5.5.5", "10.4.4.4"],
    ["no spaces", "1.1.1.1,203.0.113.9,10.4.4.4", "203.0.113.9"],
    ["a port", "203.0.113.9:51234", "203.0.113.9"],
    ["IPv6", "2001:db8::9", "2001:db8::9"],
    ["IPv6 in brackets", "[2001:db8::9]", "2001:db8::9"],
    ["IPv6 in brackets with a port", "[2001:db8::9]:443", "2001:db8::9"],
    ["IPv6 in quotes, as in Forwarded", '"[2001:db8::9]:443"', "2001:db8::9"],
    ["IPv6 with a zone", "fe80::1%eth0", "fe80::1"],
    ["IPv4-mapped IPv6", "::ffff:203.0.113.9", "203.0.113.9"],
    ["a word that a proxy hides behind", "unknown", "10.1.2.3"],
    ["garbage left of the client", "<script>, 203.0.113.9", "203.0.113.9"],
    ["garbage between proxies", "203.0.113.9, ???, 10.4.4.4", "10.4.4.4"],
    ["an address that is none", "999.1.1.1", "10.1.2.3"],
    ["an entry that is missing", "203.0.113.9,, 10.4.4.4", "10.4.4.4"],
    ["repeated headers", ["203.0.113.9", "10.4.4.4"], "203.0.113.9"],
  ])("with %s", (_name, header, expected) => {
    expect(through(header)).toBe(expected);
  });

  it("is looked at 32 entries from the right, and no further", () => {
    const proxied = Array.from({ length: 31 }, () => "10.0.0.1").join(", ");
    expect(through(`203.0.113.9, ${proxied}`)).toBe("203.0.113.9");
    expect(through(`203.0.113.9, 10.0.0.1, ${proxied}`)).toBe("10.0.0.1");
  });

  it("never makes an untrusted client appear as what it wrote itself", () => {
    const anything = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constant("10.0.0.1"));
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 40 }), (forged) => {
        expect(through([...forged, "203.0.113.9"].join(", "))).toBe("203.0.113.9");
      }),
    );
  });
});

describe("connections behind a proxy", () => {
  failOnLeaks();

  it.each([
    [["127.0.0.1"], "203.0.113.9"],
    [[], "127.0.0.1"],
  ])("with %j trusted, have the address %s", async (trustedProxies, expected) => {
    const asked: string[] = [];
    await using server = await serve({
      trustedProxies,
      authorize: (_request, { remoteAddress }) => asked.push(remoteAddress),
    });
    const headers = { "X-Forwarded-For": "198.51.100.7, 203.0.113.9" };
    await using client = dialWebSocket(server.url, { headers });
    await client.opened;
    expect((await server.accepted()).remoteAddress).toBe(expected);
    expect(asked).toEqual([expected]);
  });

  it("refuses a list of proxies that cannot be read", async () => {
    await expect(serve({ trustedProxies: ["10.0.0.0/99"] })).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });
});
