import { failOnLeaks } from "@conic/internal-testing";
import type { Signal } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { createPeers, next, openChannel } from "../../peers.js";
import { UdpPath } from "../../udp-path.js";

/** The descriptions as a stack makes them that knows nothing of our attribute. */
function withoutAnnouncement(signal: Signal): Signal {
  if (signal.kind === "candidate") return signal;
  const { type, sdp } = signal.description;
  const rest = sdp.replace(/^a=x-conic-packet-bytes:.*\r\n/m, "");
  expect(rest).not.toBe(sdp);
  return { kind: "description", description: { type, sdp: rest } };
}

/** The largest datagram that alice sends while a large message goes to bob on one machine. */
async function largestDatagram(rewrite: (signal: Signal) => Signal): Promise<number> {
  let largest = 0;
  await using path = await UdpPath.create();
  path.filter = (from, datagram) => {
    if (from === "alice") largest = Math.max(largest, datagram.byteLength);
    return true;
  };
  await using peers = createPeers({
    rewrite: (from, signal) => rewrite(path.rewrite(from, signal)),
    a: { hostAddresses: ["127.0.0.1"] },
    b: { hostAddresses: ["127.0.0.1"] },
  });
  const [near, far] = await openChannel(peers);
  const message = new Uint8Array(262_144).fill(7);
  for (let i = 0; i < 4; i += 1) {
    near.send(message);
    expect(await next(far)).toEqual(message);
  }
  return largest;
}

describe("packets on one machine", () => {
  failOnLeaks();

  it("are large when the remote says that it takes them", async () => {
    expect(await largestDatagram((signal) => signal)).toBeGreaterThan(8_192);
  });

  it("are those of Ethernet, probes too, when it does not: libwebrtc fails at more than 2,048 bytes", async () => {
    const largest = await largestDatagram(withoutAnnouncement);
    expect(largest).toBeGreaterThan(1_000);
    expect(largest).toBeLessThanOrEqual(1_472);
  });
});
