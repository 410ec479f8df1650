import { collect, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { PageWorld } from "./world.js";

describe("a client on a page and one in Node", () => {
  failOnLeaks();

  it("chat: text and bytes of all sizes come back unchanged", async () => {
    await using world = new PageWorld();
    const page = await world.client("page");
    const peer = await page.call("node-echo");
    expect([peer.connectionState, peer.path]).toEqual(["connected", "direct"]);
    const channel = peer.createDataChannel("chat");
    await channel.opened;
    const sent = [
      "",
      "日本語",
      ...[0, 1, 1_200, 65_536, 262_144].map((size) => new Uint8Array(size).fill(7)),
    ];
    const reading = collect(channel, sent.length);
    for (const message of sent) channel.send(message);
    expect(await reading).toEqual(sent);
    expect(channel.maxMessageBytes).toBe(262_144);
    const { transport } = await peer.getStats();
    expect([transport.local?.protocol, transport.remote?.type]).toEqual(["udp", "host"]);
    expect(transport.bytesSent).toBeGreaterThan(300_000);
  });

  it("hold a fast sender back: 8 MB go there and back, and nothing is lost", async () => {
    await using world = new PageWorld();
    const page = await world.client("page");
    const channel = (await page.call("node-echo")).createDataChannel("bulk");
    await channel.opened;
    const total = 512;
    const reading = collect(channel, total);
    let waits = 0;
    for (let index = 0; index < total; index += 1) {
      const block = new Uint8Array(16_384);
      new DataView(block.buffer).setUint32(0, index);
      if (channel.send(block)) continue;
      waits += 1;
      await channel.ready();
    }
    const order = (await reading).map((block) => {
      const { buffer, byteOffset } = block as Uint8Array;
      return new DataView(buffer, byteOffset).getUint32(0);
    });
    expect(order).toEqual(Array.from({ length: total }, (_, index) => index));
    expect(waits).toBeGreaterThan(0);
  });

  it("keep their channel through a restart of ICE", async () => {
    await using world = new PageWorld();
    const page = await world.client("page");
    const peer = await page.call("node-echo");
    const channel = peer.createDataChannel("chat");
    await channel.opened;
    const reading = collect(channel, 2);
    const portInUse = async (): Promise<number | undefined> =>
      (await peer.getStats()).transport.local?.port;
    const before = await portInUse();
    peer.restartIce();
    channel.send("during");
    await expect.poll(portInUse).not.toBe(before);
    channel.send("after");
    expect(await reading).toEqual(["during", "after"]);
    expect((await peer.getStats()).attempts).toBe(1);
  });
});
