import { describe, expect, it } from "vitest";
import { acceptOf, protocolsIn } from "../../../src/websocket/server-end/handshake.js";
import { RawClient, upgradeHeaders, upgradeRequest } from "../../support/raw-client.js";
import { serve } from "../../support/server.js";

async function answerTo(headers: readonly string[], protocols: readonly string[] = []) {
  await using server = await serve({ protocols });
  const client = await RawClient.open(server.port);
  client.write(upgradeRequest("/ws", [...upgradeHeaders, ...headers]));
  await client.until((received) => received.includes("\r\n\r\n"));
  client.destroy();
  return client.text;
}

describe("the handshake of a server", () => {
  it("proves that the request was read, as RFC 6455 section 1.3 shows", () => {
    expect(acceptOf("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  it.each<[header: string, names: readonly string[]]>([
    ["conic.v1", ["conic.v1"]],
    ["a, b,c", ["a", "b", "c"]],
    ["\ta \t,\tb", ["a", "b"]],
    ["!#$%&'*+-.^_`|~09AZaz", ["!#$%&'*+-.^_`|~09AZaz"]],
  ])("reads the subprotocols %j", (header, names) => {
    expect(protocolsIn(header)).toEqual(names);
  });

  it.each(["", ",", "a,", ",a", "a,,b", "a b", "a;b", "ä", 'a"', "a, a", "a/b"])(
    "finds no subprotocols in %j",
    (header) => {
      expect(protocolsIn(header)).toBeUndefined();
    },
  );

  it("agrees to the subprotocol that the server likes best, and to no extension", async () => {
    const offers = [
      "Sec-WebSocket-Protocol: one, two",
      "Sec-WebSocket-Extensions: permessage-deflate",
    ];
    const answer = await answerTo(offers, ["two", "one"]);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).toContain("\r\nSec-WebSocket-Protocol: two\r\n");
    expect(answer).not.toContain("Extensions");
  });

  it("agrees to none where it has none of those", async () => {
    const answer = await answerTo(["Sec-WebSocket-Protocol: three"], ["two"]);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(answer).not.toContain("Sec-WebSocket-Protocol");
  });

  it.each([
    ["the same subprotocol twice", "Sec-WebSocket-Protocol: a, a"],
    ["a second key", "Sec-WebSocket-Key: c2hvcnQgb25lIG9mIDE2IQ=="],
  ])("refuses %s", async (_name, header) => {
    expect(await answerTo([header])).toMatch(/^HTTP\/1\.1 400 /);
  });
});
