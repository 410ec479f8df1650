import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { RTCPeerConnection, type PeerConfig } from "werift";
import { createBareRemote } from "../../bare-remote.js";
import { createBarePeers } from "../../bare.js";
import { failOnLeaks } from "@conic/internal-testing";
import { createPeers, next, type Peers } from "../../peers.js";

/** What werift is configured with to show a certificate of which it does not have the key. */
async function stolenCertificate(): Promise<Partial<PeerConfig>> {
  const victim = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:9" }] });
  victim.createDataChannel("x");
  await victim.createOffer();
  const certificate = victim.dtlsTransports[0]?.localCertificate;
  await victim.close();
  if (certificate === undefined) throw new Error("werift made no certificate");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    dtls: {
      keys: {
        certPem: certificate.certPem,
        keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        signatureHash: certificate.signatureHash,
      },
    },
  };
}

/** Ours, which reads another fingerprint than the remote has announced. */
function misled(change: (hash: string, bytes: string) => string): Peers {
  return createPeers({
    rewrite: (from, signal) => {
      if (from !== "bob" || signal.kind !== "description") return signal;
      const { type, sdp } = signal.description;
      const line = /a=fingerprint:(\S+) (\S+)/g;
      const changed = sdp.replaceAll(line, (_, hash: string, bytes: string) => {
        return `a=fingerprint:${change(hash, bytes)}`;
      });
      return { kind: "description", description: { type, sdp: changed } };
    },
  });
}

describe("werift alone", () => {
  failOnLeaks(35_000);

  it("takes whoever shows a certificate for its owner, on either side of the handshake", async () => {
    const stolen = await stolenCertificate();
    const config = {
      iceServers: [{ urls: "stun:127.0.0.1:9" }],
      iceStunGatherTimeout: 0.02,
      ...stolen,
    };
    await using peers = createBarePeers({ config });
    await peers.negotiate();
    await expect.poll(() => peers.opened()).toBe(true);
  });
});

describe("a remote that shows a certificate without having its key", () => {
  failOnLeaks(35_000);

  it.each([
    ["client", "active"],
    ["server", "passive"],
  ] as const)("is refused as the %s of the handshake, at once and for good", async (_, setup) => {
    const config = await stolenCertificate();
    await using pair = createBareRemote({}, undefined, { config, setup });
    const channel = pair.ours.createDataChannel("chat");
    const error: unknown = await channel.opened.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "connection_failed",
      message: "the remote does not have the key of its certificate",
      details: { alert: "decrypt_error", by: "local" },
    });
    expect((await pair.ours.getStats()).attempts).toBe(1);
    await pair.ours.closed;
  });

  it.each([
    [
      "another than the announced one",
      (hash: string, bytes: string) =>
        `${hash} ${bytes.startsWith("00") ? "01" : "00"}${bytes.slice(2)}`,
      { code: "connection_failed", details: { alert: "bad_certificate", by: "local" } },
    ],
    [
      "announced in a way that proves nothing",
      () => "md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
      { code: "invalid_description" },
    ],
  ])("is refused as well when its certificate is %s", async (_, change, expected) => {
    await using peers = misled(change);
    const channel = peers.a.createDataChannel("chat");
    const error: unknown = await channel.opened.catch((reason: unknown) => reason);
    expect(error).toMatchObject(expected);
    expect((await peers.a.getStats()).attempts).toBe(1);
  });

  it.each(["active", "passive"] as const)(
    "is no other than one that has it, which is let in (setup: %s)",
    async (setup) => {
      await using pair = createBareRemote(
        {},
        (channel) => {
          channel.onMessage.subscribe((message) => {
            channel.send(message);
          });
        },
        { setup },
      );
      const channel = pair.ours.createDataChannel("chat");
      await channel.opened;
      channel.send("who are you?");
      expect(await next(channel)).toBe("who are you?");
    },
  );
});
