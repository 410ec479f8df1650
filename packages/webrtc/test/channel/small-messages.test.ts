import { collect, failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { createBarePeers } from "../bare.js";
import { createPeers, openChannel } from "../peers.js";

const count = 5000;
const text = (index: number): string => String(index).padStart(16, "0");

describe("5,000 messages of 16 bytes, sent in one go", () => {
  failOnLeaks();

  it("bring werift alone to a halt", async () => {
    await using peers = createBarePeers();
    let received = 0;
    const opened = new Promise<void>((resolve) => {
      peers.b.onDataChannel.subscribe((channel) => {
        channel.onMessage.subscribe(() => {
          received += 1;
        });
        resolve();
      });
    });
    await peers.negotiate();
    await opened;
    await expect.poll(() => peers.opened()).toBe(true);
    for (let index = 0; index < count; index += 1) peers.near.send(text(index));
    await new Promise((resolve) => {
      setTimeout(resolve, 3000);
    });
    expect(received).toBeLessThan(count / 10);
  });

  it("all arrive in order over a channel of ours", async () => {
    await using peers = createPeers();
    const [near, far] = await openChannel(peers);
    const reading = collect(far, count);
    for (let index = 0; index < count; index += 1) near.send(text(index));
    const received = await reading;
    expect(received.findIndex((message, index) => message !== text(index))).toBe(-1);
    expect(received).toHaveLength(count);
  });
});
