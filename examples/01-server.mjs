// The smallest server: `node 01-server.mjs`, and clients connect to the URL that it prints.
import { createServer } from "node:http";
import { createSignalingServer } from "@conic/server";

const http = createServer((_request, response) => response.end("my own page\n"));
const signaling = createSignalingServer();
signaling.attach(http); // takes upgrades of /ws; every other request stays yours

http.listen(Number(process.env["PORT"] ?? 3000), "localhost", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  console.log(`ws://localhost:${port}/ws`);
});

async function stop() {
  // Clients are told, and come back by themselves when a server is there again.
  await signaling.close({ signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  http.close();
}
process.once("SIGTERM", () => void stop());
