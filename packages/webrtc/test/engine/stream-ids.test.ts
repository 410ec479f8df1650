import { describe, expect, it } from "vitest";
import { guardSctp } from "../../src/engine/werift/guards.js";
import { createBarePeers } from "../bare.js";
import { expectNoLeaks } from "../leaks.js";

const nothing = (): void => undefined;

describe("stream ids", () => {
  expectNoLeaks();

  // RFC 8832 section 6. A conflict of ICE roles, as after crossed offers, turns the ICE roles around; the DTLS roles stay.
  it("are even for the DTLS client, whatever its ICE role", async () => {
    await using peers = createBarePeers();
    const transport = peers.a.sctpTransport;
    if (transport === undefined) throw new Error("no data transport");
    guardSctp(transport, nothing, nothing);
    const even: boolean[] = [];
    for (const dtls of ["client", "server"] as const) {
      for (const controlling of [true, false]) {
        transport.dtlsTransport.role = dtls;
        transport.dtlsTransport.iceTransport.connection.iceControlling = controlling;
        even.push(Reflect.get(transport, "isServer") === true);
      }
    }
    expect(even).toEqual([true, true, false, false]);
  });
});
