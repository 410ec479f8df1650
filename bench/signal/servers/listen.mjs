import { once } from "node:events";

/** Listens on a free port, with room for a burst of connections, and resolves to it. @param {import("node:net").Server} server */
export async function listenAnywhere(server) {
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
