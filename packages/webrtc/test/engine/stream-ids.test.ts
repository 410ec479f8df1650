import { describe, expect, it } from "vitest";
import { guardSctp } from "../../src/engine/werift/guards.js";
import { createBarePeers } from "../bare.js";
import { failOnLeaks } from "@conic/internal-testing";

const nothing = (): void => undefined;

describe("stream ids", () => {
  failOnLeaks();

  // RFC 8832 section 6. A conflict of ICE roles, as after crossed offers, turns the ICE roles around; the DTLS roles stay.
  it.each([
    ["client", true, 0],
    ["client", false, 0],
    ["server", true, 1],
    ["server", false, 1],
  ] as const)(
    "of a DTLS %s that controls ICE: %s begin at %i",
    async (role, controlling, first) => {
      await using peers = createBarePeers();
      const transport = peers.a.sctpTransport;
      if (transport === undefined) throw new Error("no data transport");
      guardSctp(transport, nothing, nothing);
      // The association itself has nobody to talk to here.
      Reflect.set(transport.sctp, "start", () => Promise.resolve());
      transport.dtlsTransport.role = role;
      transport.dtlsTransport.iceTransport.connection.iceControlling = controlling;
      await transport.start(5000);
      expect(Reflect.get(transport, "dataChannelId")).toBe(first);
    },
  );
});
