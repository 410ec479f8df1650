import { createServer } from "node:http";
import { connect, type ConicClient, type IncomingCall } from "@conic/client";
import { createSignalingServer } from "@conic/server";
import { listening, type RunningServer } from "./running.js";

/** Accepts, and sends back what comes on any channel. */
async function echo(call: IncomingCall): Promise<void> {
  for await (const channel of call.accept().dataChannels()) {
    void (async () => {
      for await (const message of channel) if (!channel.send(message)) await channel.ready();
      // A channel that ends under a message that is being sent back.
    })().catch(() => undefined);
  }
}

async function answer(client: ConicClient): Promise<void> {
  for await (const call of client.incoming()) void echo(call);
}

/** A signaling server, and a client in Node that is registered there. */
export async function startSignaling(): Promise<RunningServer> {
  const http = createServer();
  const signaling = createSignalingServer();
  signaling.attach(http);
  const clients: ConicClient[] = [];
  const running = await listening(http, () => {
    void Promise.all(clients.map((client) => client.close())).then(() => signaling.close());
  });
  const client = await connect(running.url, { id: "node-echo" });
  clients.push(client);
  void answer(client);
  return running;
}
