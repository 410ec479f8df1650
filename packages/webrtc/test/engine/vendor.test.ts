import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { TurnProtocol } from "werift";
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
    expect(at(TurnProtocol.prototype, "handleSTUNMessage")).toBeTypeOf("function");
    await using peers = createBarePeers();
    const { a } = peers;
    const association = a.sctpTransport?.sctp;
    expect(at(a, "connect")).toBeTypeOf("function");
    expect(at(a, "secureManager", "createTransport")).toBeTypeOf("function");
    const [ice] = a.iceTransports;
    for (const name of ["addRemoteCandidate", "setRemoteParams", "restart"])
      expect(at(ice, name)).toBeTypeOf("function");
    for (const name of ["onIceCandidate", "setGatheringState", "gather"])
      expect(at(ice, "iceGather", name)).toBeTypeOf("function");
    expect(at(ice, "iceGather", "gatheringState")).toBe("new");
    const replaced = ["connect", "send", "canSendApplicationData", "close", "addRemoteCandidate"];
    const silenced = ["setRemoteParams", "setIceServers", "resetNominatedPair", "restart"];
    for (const name of [...replaced, ...silenced, "pairRemoteCandidate", "sortCheckList"])
      expect(at(ice, "connection", name)).toBeTypeOf("function");
    for (const name of ["onIceCandidate", "onData", "stateChanged"])
      expect(at(ice, "connection", name, "execute")).toBeTypeOf("function");
    for (const name of ["localUsername", "localPassword", "remoteUsername", "remotePassword"])
      expect(at(ice, "connection", name)).toBeTypeOf("string");
    expect(at(association, "handleData")).toBeTypeOf("function");
    expect(at(association, "start")).toBeTypeOf("function");
    expect(at(association, "onSackReceived")).toBeTypeOf("function");
    expect(at(association, "outboundQueue")).toEqual([]);
    expect(at(association, "sentQueue")).toEqual([]);
    expect(at(a.sctpTransport, "datachannelReceive")).toBeTypeOf("function");
    await peers.negotiate();
    await expect.poll(() => peers.opened()).toBe(true);
    expect(at(a.sctpTransport, "dataChannelId")).toBeTypeOf("number");
    expect(at(a, "secureManager", "createTransport")).toBeTypeOf("function");
    expect(at(a, "secureManager", "certificate", "certPem")).toBeTypeOf("string");
    const [dtls] = a.dtlsTransports;
    for (const name of ["start", "stop", "setState", "startSrtp"]) {
      expect([name, typeof at(dtls, name)]).toEqual([name, "function"]);
    }
    expect(at(dtls, "srtpProfiles")).toBeInstanceOf(Array);
    expect(at(dtls, "remoteParameters", "fingerprints")).toBeInstanceOf(Array);
    expect(at(dtls, "iceTransport", "connection", "onData", "execute")).toBeTypeOf("function");
    // What the facade of our connection stands for.
    expect(at(dtls, "dtls", "extractSessionKeys")).toBeTypeOf("function");
    expect(at(dtls, "dtls", "remoteCertificate")).toBeInstanceOf(Buffer);
    expect(at(dtls, "dtls", "dtls", "version", "minor")).toBe(253);
    expect(at(dtls, "dtls", "cipher", "cipher", "name")).toBeTypeOf("string");
    expect(at(dtls, "dtls", "srtp")).toBeTypeOf("object");
  });
});
