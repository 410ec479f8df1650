// Everybody in a room is connected to everybody else, and nobody knows an id beforehand.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "@conic/client";
import { createSignalingServer } from "@conic/server";

const http = createServer().listen(0, "localhost");
const signaling = createSignalingServer();
signaling.attach(http);
await once(http, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());

const names = ["alice", "bob", "carol"];
let heard = 0;
/** @type {() => void} */
let allHeard = () => undefined;
const done = new Promise((resolve) => {
  allHeard = () => {
    resolve(undefined);
  };
});

/**
 * @param {import("@conic/client").ConicClient} client
 * @param {import("@conic/webrtc").PeerConnection} peer
 */
async function listen(client, peer) {
  for await (const channel of peer.dataChannels()) {
    for await (const message of channel) {
      console.log(`${client.id} heard: ${String(message)}`);
      heard += 1;
      if (heard === names.length * (names.length - 1)) allHeard();
    }
  }
}

/** @param {import("@conic/client").ConicClient} client */
async function member(client) {
  const room = await client.room("standup");
  // One connection to each member, present and to come; it ends when the room is left.
  for await (const peer of room.callAll()) {
    void listen(client, peer);
    const channel = peer.createDataChannel("chat");
    await channel.opened;
    channel.send(`${client.id} is here`);
  }
}

const clients = await Promise.all(names.map((id) => connect(`ws://localhost:${port}/ws`, { id })));
const members = clients.map((client) => member(client));
await done;

await Promise.all(clients.map((client) => client.close()));
await Promise.all(members);
await signaling.close();
http.close();
