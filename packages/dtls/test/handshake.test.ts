import { describe, expect, it } from "vitest";
import { verifyData } from "../src/crypto/key-schedule.js";
import { cipherSuites } from "../src/crypto/suites.js";
import { checkFinished } from "../src/handshake/script.js";
import { connected } from "./support/link.js";

describe("a handshake", () => {
  it("takes two round trips and four datagrams", () => {
    const link = connected();
    expect(link.client.error).toBe(undefined);
    expect(link.now).toBe(40);
    expect([link.client.sent.length, link.server.sent.length]).toEqual([2, 2]);
    link.client.send("hello");
    link.server.send("hi");
    link.run();
    expect(link.server.received).toEqual(["hello"]);
    expect(link.client.received).toEqual(["hi"]);
  });
});

describe("the last message of a handshake", () => {
  const [suite] = cipherSuites;
  const master = Buffer.alloc(48, 1);
  const seen = Buffer.from("all messages so far");

  it("is a hash of all others under the secret of both sides, and nothing else", () => {
    if (suite === undefined) throw new Error("no suite");
    const body = verifyData(suite.hash, master, "client", seen);
    const check = (sent: Buffer): void => {
      checkFinished({ type: 20, body: sent, wire: sent }, suite, master, "client", seen);
    };
    check(body);
    const wrong = [
      Buffer.alloc(0),
      body.subarray(1),
      Buffer.concat([body, Buffer.alloc(1)]),
      verifyData(suite.hash, master, "server", seen),
      ...Array.from({ length: 96 }, (_, bit) => {
        const changed = Buffer.from(body);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        return changed;
      }),
    ];
    for (const sent of wrong) {
      expect(() => {
        check(sent);
      }).toThrow(expect.objectContaining({ details: { alert: "decrypt_error", by: "local" } }));
    }
  });
});
