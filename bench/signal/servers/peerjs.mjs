// The PeerJS server as its own program starts it; only the number of clients that it takes is raised, from 5,000.
import { PeerServer } from "peer";

/** @returns {Promise<number>} */
export function listen() {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port: 0, concurrent_limit: 20_000 };
    const peers = PeerServer(options, (server) => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
    // Connections that break off.
    peers.on("error", () => undefined);
  });
}
