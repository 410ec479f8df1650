import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCoturn, type Coturn } from "../../src/turn/coturn.js";
import { allocate, permissions } from "../../src/turn/stun.js";

const secret = "north of the river";
const compose = readFileSync(new URL("../../../deploy/compose.yaml", import.meta.url), "utf8");
/** What the compose file says about whom relays are for. */
const bounds = compose.match(/--(?:denied-peer-ip|user-quota|total-quota|no-multicast-peers)\S*/g);

/** What a relay must not be a way to: the machine itself, private networks, the metadata of clouds. */
const inner = {
  4: (
    "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.8.8.8 169.254.169.254 " +
    "172.16.0.1 172.31.255.255 192.0.0.192 192.168.0.1 198.18.0.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255"
  ).split(" "),
  6: (
    ":: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::7f00:1 64:ff9b::a00:1 fc00::1 " +
    "fd00:ec2::254 fdff::1 fe80::1 febf::1 ff02::1"
  ).split(" "),
};
const outer = {
  4: ["192.0.2.1", "9.255.255.255", "11.0.0.1", "100.63.0.1", "172.32.0.1", "203.0.113.9"],
  6: ["2001:db8::1", "2606:4700::1111"],
} as const;

/** As the signaling server mints them. */
function minted(id: string, ttlS = 60): { readonly username: string; readonly credential: string } {
  const username = `${Math.floor(Date.now() / 1000) + ttlS}:${id}`;
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}

// Some containers have no IPv6 at all; then nothing is relayed over it either.
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);
const families: readonly (4 | 6)[] = hasIPv6 ? [4, 6] : [4];

describe("S18 the coturn of deploy/compose.yaml", () => {
  let coturn: Coturn;
  beforeAll(async () => {
    coturn = await startCoturn(secret, [...(bounds ?? []), ...(hasIPv6 ? ["--relay-ip=::1"] : [])]);
  });
  afterAll(() => coturn[Symbol.asyncDispose]());

  it.each(families)("relays to nobody within, over IPv%i", async (family) => {
    const { username, credential } = minted(`alice${family}`);
    const peers = [...inner[family], ...outer[family]];
    const verdicts = await permissions(coturn.port, username, credential, family, peers);
    expect(Object.fromEntries(peers.map((peer, i) => [peer, verdicts[i]]))).toEqual(
      Object.fromEntries(
        peers.map((peer, i) => [peer, i < inner[family].length ? 403 : "permitted"]),
      ),
    );
  });

  it("has twelve relays for each client, whatever credentials it comes with", async () => {
    const verdicts: unknown[] = [];
    for (let i = 0; i < 14; i += 1) {
      const { username, credential } = minted("mallory", 60 + i);
      verdicts.push(await allocate(coturn.port, username, credential));
    }
    expect(verdicts).toEqual([...Array.from({ length: 12 }, () => "allocated"), 486, 486]);
    const { username, credential } = minted("bob");
    expect(await allocate(coturn.port, username, credential)).toBe("allocated");
  });
});
