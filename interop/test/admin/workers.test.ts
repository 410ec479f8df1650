import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PlainClient } from "../../../e2e/src/client.js";
import { startSignalServer, type SignalServer } from "../../../e2e/src/signal-server.js";
import { DashboardBrowser } from "../../src/admin/dashboard.js";

const token = "a-token-for-the-dashboard";
let server: SignalServer;
let browser: DashboardBrowser;
beforeAll(async () => {
  const env = { CONIC_LOG_LEVEL: "silent", CONIC_ADMIN_TOKEN: token };
  server = await startSignalServer({ env, args: ["--workers=2"] });
  browser = await DashboardBrowser.start();
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe("the dashboard of several processes", () => {
  it("shows the clients of all of them once, and ends each wherever it is", async () => {
    // Ids are at home on one process or the other by their hash: of eight, both have some.
    const names = Array.from({ length: 8 }, (_, i) => `peer-${i}`);
    const peers = await Promise.all(
      names.map(async (ID) => {
        const peer = await PlainClient.open(server.url, ["conic.v1"]);
        await peer.register({ ID });
        peer.send("join", { Room: "all" });
        await peer.next();
        return peer;
      }),
    );
    await using board = await browser.open(server.port);
    await board.enter(token);
    await expect.poll(() => board.ids()).toEqual(names);
    await board.shows("#figures", "Registered8");
    await board.shows("#rooms-rows", "all8");
    await board.shows("#about", "2 processes");
    await board.chartSays("Connections", /registered 8/);
    for (const name of names) {
      await board.page.getByRole("button", { name: `Kick ${name}` }).click();
      await board.page.getByRole("button", { name: "Kick", exact: true }).click();
      await board.shows("#news", `${name} was kicked.`);
    }
    const codes = await Promise.all(peers.map(async (peer) => (await peer.closed).code));
    expect(codes).toEqual(names.map(() => 4502));
    await expect.poll(() => board.ids()).toEqual([]);
  });
});
