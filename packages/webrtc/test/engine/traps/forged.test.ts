import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createBarePeers } from "../../bare.js";
import { failOnLeaks } from "@conic/internal-testing";
import { createPeers, next, openChannel } from "../../peers.js";
import { isDtls, UdpPath } from "../../udp-path.js";

/** A DTLS alert "close notify" without protection: 15 bytes that anybody can write. */
const alert = Buffer.from("15fefd000000000000000000020100", "hex");

/** Records the unprotected datagrams of a handshake: what somebody on the way can send again. */
function recordHandshake(path: UdpPath): Buffer[] {
  const recorded: Buffer[] = [];
  path.filter = (_, datagram) => {
    if (isDtls(datagram) && datagram.readUInt16BE(3) === 0) recorded.push(Buffer.from(datagram));
    return true;
  };
  return recorded;
}

/** Sends from a socket that has nothing to do with the connection. */
async function forge(datagrams: readonly Buffer[], ports: readonly number[]): Promise<void> {
  const socket = createSocket("udp4");
  for (const port of ports) {
    for (const datagram of datagrams) {
      socket.send(datagram, port, "127.0.0.1");
      await delay(1);
    }
  }
  await delay(50);
  const closed = once(socket, "close");
  socket.close();
  await closed;
}

const end = { hostAddresses: ["127.0.0.1"] };

describe("datagrams of somebody who is not the remote", () => {
  failOnLeaks();

  it("end a connection of werift alone", async () => {
    await using peers = createBarePeers();
    await peers.negotiate();
    await expect.poll(() => peers.opened()).toBe(true);
    const port = peers.a.iceTransports[0]?.connection.nominated?.localCandidate.port ?? 0;
    await forge([alert], [port]);
    await expect.poll(() => peers.near.readyState).toBe("closed");
  });

  it.each(["a forged alert", "the handshake once more"])(
    "do not disturb a connection of ours: %s",
    async (what) => {
      await using path = await UdpPath.create();
      const recorded = recordHandshake(path);
      await using peers = createPeers({ a: end, b: end, rewrite: path.rewrite });
      const [near, far] = await openChannel(peers);
      const stats = await Promise.all([peers.a.getStats(), peers.b.getStats()]);
      const ports = stats.map(({ transport }) => transport.local?.port ?? 0);
      expect(recorded.length).toBeGreaterThanOrEqual(4);
      await forge(what === "a forged alert" ? [alert] : recorded, ports);
      near.send("hello");
      expect(await next(far)).toBe("hello");
      far.send("hi");
      expect(await next(near)).toBe("hi");
      expect(peers.a.connectionState).toBe("connected");
    },
  );
});
