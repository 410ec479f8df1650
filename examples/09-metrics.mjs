// Numbers of a server of your own, as text for Prometheus. (conic-signal has many more at /metrics.)
import { createServer } from "node:http";
import { createSignalingServer } from "@conic/server";

/** @type {Map<string, number>} */
const counts = new Map();
/** @param {string} name */
const count = (name) => counts.set(name, (counts.get(name) ?? 0) + 1);

const signaling = createSignalingServer({
  // It is called in the middle of the work, so it is quick; it learns no ids, no addresses and no contents.
  observer: {
    messageHandled: (type, outcome) =>
      count(`signaling_messages_total{type="${type}",outcome="${outcome}"}`),
    callReported: (outcome, reason) =>
      count(`signaling_calls_total{outcome="${outcome}",reason="${reason ?? ""}"}`),
    limited: (limit) => count(`signaling_limited_total{limit="${limit}"}`),
  },
});

const http = createServer((request, response) => {
  if (request.url !== "/metrics") {
    response.writeHead(404).end();
    return;
  }
  const { connections, registered, away, rooms } = signaling.stats();
  const gauges = Object.entries({ connections, registered, away, rooms });
  const lines = [...gauges.map(([name, value]) => [`signaling_${name}`, value]), ...counts];
  response.setHeader("content-type", "text/plain; version=0.0.4");
  response.end(lines.map(([name, value]) => `${name} ${value}\n`).join(""));
});
signaling.attach(http);
http.listen(Number(process.env["PORT"] ?? 3000), "localhost", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  console.log(`ws://localhost:${port}/ws`);
});

async function stop() {
  await signaling.close({ signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  http.close();
}
process.once("SIGTERM", () => void stop());
