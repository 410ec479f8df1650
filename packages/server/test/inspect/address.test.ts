import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { requestAddress } from "../../src/index.js";

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return { socket: { remoteAddress }, headers } as IncomingMessage;
}

describe("the address of a request", () => {
  it("is that of its connection, whatever the request says", () => {
    expect(requestAddress()(request("192.0.2.1", "198.51.100.7"))).toBe("192.0.2.1");
    expect(requestAddress()(request("::ffff:192.0.2.1"))).toBe("192.0.2.1");
  });

  it("is what a trusted proxy names", () => {
    const address = requestAddress(["192.0.2.0/24"]);
    expect(address(request("192.0.2.1", "203.0.113.9, 198.51.100.7"))).toBe("198.51.100.7");
    expect(address(request("198.51.100.1", "203.0.113.9"))).toBe("198.51.100.1");
  });
});
