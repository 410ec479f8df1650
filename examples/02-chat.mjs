// Two clients chat, peer to peer: here in one process, with the server beside them.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "@conic/client";
import { createSignalingServer } from "@conic/server";

const http = createServer().listen(0, "localhost");
const signaling = createSignalingServer();
signaling.attach(http);
await once(http, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
const url = `ws://localhost:${port}/ws`;

const alice = await connect(url, { id: "alice" });
const bob = await connect(url, { id: "bob" });

/** Bob takes the first call, and answers each message. */
async function answer() {
  for await (const call of bob.incoming()) {
    const peer = call.accept(); // nothing of bob's host is told to a caller before this
    for await (const channel of peer.dataChannels()) {
      for await (const message of channel) {
        console.log(`${call.remoteId} to bob: ${String(message)}`);
        channel.send("hello alice");
      }
    }
  }
}
const answering = answer();

const peer = await alice.call("bob", { signal: AbortSignal.timeout(30_000) });
const channel = peer.createDataChannel("chat");
await channel.opened;
channel.send("hello bob");
for await (const message of channel) {
  console.log(`bob to alice: ${String(message)}`);
  break;
}
console.log(`the path is ${String(peer.path)}`);

await Promise.all([alice.close(), bob.close()]); // ends the loops of answer()
await answering;
await signaling.close();
http.close();
