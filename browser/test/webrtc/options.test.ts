import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createPeers } from "../../../packages/webrtc/test/peers.js";

const withCode = (code: string): Error => expect.objectContaining({ code }) as Error;

describe("options of a connection on a page", () => {
  failOnLeaks();

  it("refuse what only Node can do, and servers that are none", () => {
    expect(() => createPeers({ a: { hostAddresses: ["127.0.0.1"] } })).toThrow(
      withCode("unsupported"),
    );
    expect(() => createPeers({ a: { iceServers: [{ urls: "http://example.org" }] } })).toThrow(
      withCode("invalid_argument"),
    );
    expect(() => createPeers({ a: { iceServers: [{ urls: "turn:turn.example.org" }] } })).toThrow(
      withCode("invalid_argument"),
    );
  });

  it("let no larger message in than maxMessageBytes: the remote is told", async () => {
    await using peers = createPeers({ b: { maxMessageBytes: 1_000 } });
    const channel = peers.a.createDataChannel("small");
    await channel.opened;
    expect(channel.maxMessageBytes).toBe(1_000);
    expect(() => channel.send(new Uint8Array(1_001))).toThrow(withCode("too_large"));
    expect(channel.send(new Uint8Array(1_000))).toBe(true);
  });
});
