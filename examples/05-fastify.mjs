// Signaling inside a Fastify app, on the same port.
import { createSignalingServer } from "@conic/server";
import { fastify } from "fastify";

const signaling = createSignalingServer();
const app = fastify();
app.get("/", () => "my own page\n");
app.get("/online", () => [...signaling.peers()].map(({ id }) => id));

signaling.attach(app.server);
// Before the HTTP server closes, which waits for all of its connections.
app.addHook("preClose", async () => {
  await signaling.close({ signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
});

await app.listen({ port: Number(process.env["PORT"] ?? 3000), host: "localhost" });
const { port } = /** @type {import("node:net").AddressInfo} */ (app.server.address());
console.log(`ws://localhost:${port}/ws`);

process.once("SIGTERM", () => {
  void app.close();
});
