import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { createBarePeers } from "../bare.js";
import { failOnLeaks } from "@conic/internal-testing";

/** The property at a path of names, whatever the types say about it. */
function at(root: unknown, ...names: string[]): unknown {
  return names.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined,
    root,
  );
}

describe("the private parts of werift that the guards reach into", () => {
  failOnLeaks();

  it("are those of the version that they were written for", () => {
    const entry = createRequire(import.meta.url).resolve("werift");
    const manifest = readFileSync(
      entry.replace(/([\\/]werift[\\/])lib[\\/].*$/, "$1package.json"),
      "utf8",
    );
    expect(JSON.parse(manifest)).toMatchObject({ name: "werift", version: "0.25.2" });
  });

  it("are where the guards look for them", async () => {
    await using peers = createBarePeers();
    const { a } = peers;
    const association = a.sctpTransport?.sctp;
    expect(at(a, "gatherCandidates")).toBeTypeOf("function");
    expect(at(a.iceTransports[0], "connection", "stunServer")).toBeInstanceOf(Array);
    expect(at(a.iceTransports[0], "connection", "buildRequest")).toBeTypeOf("function");
    expect(at(association, "handleData")).toBeTypeOf("function");
    expect(at(association, "start")).toBeTypeOf("function");
    expect(at(association, "onSackReceived")).toBeTypeOf("function");
    expect(at(association, "outboundQueue")).toEqual([]);
    expect(at(association, "sentQueue")).toEqual([]);
    expect(at(a.sctpTransport, "datachannelReceive")).toBeTypeOf("function");
    await peers.negotiate();
    await expect.poll(() => peers.opened()).toBe(true);
    expect(at(a.sctpTransport, "dataChannelId")).toBeTypeOf("number");
    const roles = [peers.a, peers.b].map(({ dtlsTransports }) => {
      const socket = dtlsTransports[0]?.dtls;
      expect(at(socket, "transport", "socket", "onData")).toBeTypeOf("function");
      expect(at(socket, "waitForReady")).toBeTypeOf("function");
      expect(at(socket, "onHandleHandshakes")).toBeTypeOf("function");
      expect(at(dtlsTransports[0], "verifyRemoteCertificateFingerprint")).toBeTypeOf("function");
      expect(at(socket, "dtls", "sortedHandshakeCache")).toBeInstanceOf(Array);
      for (const part of ["masterSecret", "remoteCertificate"]) {
        expect(at(socket, "cipher", part)).toBeInstanceOf(Buffer);
      }
      return [at(socket, "sessionType"), at(socket, "dtls", "flight")];
    });
    // 1 is the client, 2 the server; 7 and 6 are the last flights of each.
    expect(roles).toEqual(
      expect.arrayContaining([
        [1, 7],
        [2, 6],
      ]),
    );
  });
});
