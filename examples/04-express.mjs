// Signaling inside an Express app, on the same port.
import { createSignalingServer } from "@conic/server";
import express from "express";

const app = express();
app.get("/", (_request, response) => {
  response.send("my own page\n");
});
app.get("/online", (_request, response) => {
  response.json([...signaling.peers()].map(({ id }) => id));
});

const signaling = createSignalingServer();
const http = app.listen(Number(process.env["PORT"] ?? 3000), "localhost", (error) => {
  if (error !== undefined) throw error;
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  console.log(`ws://localhost:${port}/ws`);
});
signaling.attach(http);

async function stop() {
  await signaling.close({ signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  http.close();
}
process.once("SIGTERM", () => void stop());
