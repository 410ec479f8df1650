import { failOnLeaks } from "@conic/internal-testing";
import { PeerConnection } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import { next, World } from "../world.js";
import { GoPeer } from "./go-peer.js";

describe("a call between a client and a peer that speaks the Go dialect", () => {
  failOnLeaks();

  it("connects when the peer calls, as the original's offer role does", async () => {
    await using world = await World.start();
    const bob = await world.client("bob");
    const signaling = await GoPeer.register(world.url, "d3p0c8s6n88rs9qvdt1g", "bob");
    await using peer = new PeerConnection({ signaling });
    const channel = peer.createDataChannel("chat");
    const call = await next(bob.incoming());
    expect(call.remoteId).toBe("d3p0c8s6n88rs9qvdt1g");
    const far = await next(call.accept().dataChannels());
    await channel.opened;
    channel.send("Hello from offer side!");
    expect(await next(far)).toBe("Hello from offer side!");
    far.send("and from the other");
    expect(await next(channel)).toBe("and from the other");
    expect(signaling.received).toEqual(expect.arrayContaining(["register_response", "sdp"]));
    expect(signaling.received).not.toContain("error");
  });

  it("connects when the client calls, as the original's answer role does", async () => {
    await using world = await World.start();
    const alice = await world.client("alice");
    const signaling = await GoPeer.register(world.url, "d3p0ccc6n88rsb1u5qfg", "alice");
    await using peer = new PeerConnection({ signaling });
    const channel = (await alice.call("d3p0ccc6n88rsb1u5qfg")).createDataChannel("chat");
    const far = await next(peer.dataChannels());
    await channel.opened;
    far.send("Hello from answer side!");
    expect(await next(channel)).toBe("Hello from answer side!");
    expect(signaling.received).toEqual(expect.arrayContaining(["register_response", "sdp"]));
    expect(signaling.received).not.toContain("error");
  });
});
