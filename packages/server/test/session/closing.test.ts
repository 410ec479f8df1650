import { ConicError } from "@conic/domain";
import { failOnLeaks, FakeClock } from "@conic/internal-testing";
import { expect, it } from "vitest";
import { memoryWorld } from "../support/host.js";

failOnLeaks();

const turn = (): Promise<void> => new Promise(setImmediate);

it("a client that breaks off while the server closes, spread over a time, is not waited for", async () => {
  const clock = new FakeClock();
  await using world = await memoryWorld({ clock });
  const clients = await Promise.all(Array.from({ length: 10 }, () => world.connect()));
  for (const [i, client] of clients.entries()) {
    await client.register({ ID: `c${i}`, Received: 0 });
    client.send("ack", { Received: 0 });
  }
  await turn();
  const closing = world.server.close({ spreadMs: 1000 });
  await turn();
  for (const client of clients) client.connection.abort(new ConicError("aborted", "gone"));
  for (let i = 0; i < 10; i += 1) {
    await turn();
    clock.advance(100);
  }
  await closing;
  expect(world.server.stats()).toMatchObject({ registered: 0, away: 0 });
  expect(clock.pending).toBe(0);
});
