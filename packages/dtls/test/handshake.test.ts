import { describe, expect, it } from "vitest";
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
