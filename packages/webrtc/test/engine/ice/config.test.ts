import type { networkInterfaces } from "node:os";
import type { IceServer } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { checkHostAddresses, defaultHostAddresses } from "../../../src/engine/werift/ice/config.js";
import { checkIceServers } from "../../../src/engine/ice-urls.js";
import { maxServersOfAKind, serversOf } from "../../../src/engine/werift/ice/links/servers.js";
import { failOnLeaks } from "@conic/internal-testing";
import { createPeers, openChannel } from "../../peers.js";

const invalid = expect.objectContaining({ code: "invalid_argument" }) as Error;
const login = { username: "user", credential: "secret" };

describe("ICE servers", () => {
  it.each([
    "stun:stun.example.org",
    "stun:192.0.2.1:3478",
    "stun:[2001:db8::1]:3478",
    "stuns:stun.example.org:5349",
    "turn:turn.example.org?transport=udp",
    "turn:turn.example.org:3478?transport=tcp",
    "turns:turn.example.org:443?transport=tcp",
  ])("may be %s", (urls) => {
    expect(() => {
      checkIceServers([{ urls, ...login }]);
    }).not.toThrow();
  });

  it.each([
    "",
    "stun",
    "stun:",
    "stun.example.org",
    "http://stun.example.org",
    "stun: stun.example.org",
    "stun:stun.example.org?transport=udp",
    "turn:stun.example.org?transport=sctp",
    "turns:stun.example.org?transport=udp",
    "STUN stun.example.org",
    "stun:stun.example.org:port",
    "stun:stun.example.org:0",
    "stun:stun.example.org:65536",
    "stun://stun.example.org",
    "stun:user@stun.example.org",
  ])("may not be %j", (urls) => {
    expect(() => {
      checkIceServers([{ urls: ["stun:192.0.2.1", urls], ...login }]);
    }).toThrow(invalid);
  });

  it("need a name and a password when they relay", () => {
    for (const server of [{}, { username: "user" }, { credential: "secret" }]) {
      expect(() => {
        checkIceServers([{ urls: "turn:turn.example.org", ...server }]);
      }).toThrow(invalid);
    }
  });

  it("are checked before a socket is opened", () => {
    expect(() => createPeers({ a: { iceServers: [{ urls: "stun" }] } })).toThrow(invalid);
  });

  it("are asked by kind, at the address and in the way that their URLs name", () => {
    const urls = ["turn:a.example:1234?transport=tcp", "turns:[::1]"] as const;
    const turn: IceServer = { urls, ...login };
    const rest = { username: "user", password: "secret" };
    expect(serversOf([turn, { urls: "stun:192.0.2.1" }, { urls: "stuns:b.example" }])).toEqual({
      stun: [
        { host: "192.0.2.1", port: 3478 },
        { host: "b.example", port: 3478 },
      ],
      turn: [
        { url: urls[0], address: ["a.example", 1234], transport: "tcp", ...rest },
        { url: urls[1], address: ["::1", 5349], transport: "tls", ...rest },
      ],
    });
  });

  it("are asked up to a number, and no more", () => {
    const urls = Array.from({ length: maxServersOfAKind + 1 }, (_, n) => `stun:192.0.2.${n}`);
    expect(serversOf([{ urls: urls.slice(1) }]).stun).toHaveLength(maxServersOfAKind);
    expect(serversOf([{ urls }]).stun.at(-1)?.host).toBe(`192.0.2.${maxServersOfAKind - 1}`);
  });
});

type Interfaces = ReturnType<typeof networkInterfaces>;
const entry = (address: string, internal: boolean): NonNullable<Interfaces[string]>[number] => ({
  address,
  internal,
  family: "IPv4",
  netmask: "255.0.0.0",
  mac: "00:00:00:00:00:00",
  cidr: `${address}/8`,
});

describe("addresses to offer", () => {
  failOnLeaks();

  it("are all but loopback and link-local ones, tunnels included", () => {
    const found = defaultHostAddresses(() => ({
      lo: [entry("127.0.0.1", true), entry("::1", true)],
      eth0: [entry("192.0.2.7", false), entry("fe80::1", false), entry("2001:db8::7", false)],
      tun0: [entry("10.8.0.2", false)],
      usb0: [entry("169.254.3.4", false), entry("FEBF::1", false)],
    }));
    expect(found).toEqual(["192.0.2.7", "2001:db8::7", "10.8.0.2"]);
  });

  it("are loopback when the machine has nothing else", () => {
    const lo = [entry("127.0.0.1", true), entry("::1", true)];
    const eth0 = [entry("169.254.3.4", false), entry("fe80::1", false)];
    expect(defaultHostAddresses(() => ({}))).toEqual(["127.0.0.1"]);
    expect(defaultHostAddresses(() => ({ lo }))).toEqual(["127.0.0.1"]);
    expect(defaultHostAddresses(() => ({ lo, eth0 }))).toEqual(["127.0.0.1"]);
  });

  it("are IP addresses", () => {
    expect(() => {
      checkHostAddresses(["192.0.2.7", "::1"]);
    }).not.toThrow();
    for (const address of ["localhost", "", "192.0.2", "192.0.2.1:80"]) {
      expect(() => createPeers({ a: { hostAddresses: [address] } })).toThrow(invalid);
    }
  });

  it("are offered as given, and no others", async () => {
    const offered = new Set<string>();
    await using peers = createPeers({
      a: { hostAddresses: ["127.0.0.1"] },
      b: { hostAddresses: ["127.0.0.1"] },
      pass: (_, signal) => {
        const text =
          signal.kind === "candidate" ? signal.candidate.candidate : signal.description.sdp;
        for (const [, host] of text.matchAll(/candidate:\S+ \d udp \d+ (\S+)/gi)) {
          offered.add(String(host));
        }
        return true;
      },
    });
    await openChannel(peers);
    expect([...offered]).toEqual(["127.0.0.1"]);
  });
});
