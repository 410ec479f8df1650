import { createInterface } from "node:readline";
import { connect, type IncomingCall } from "@conic/client";
import { createSignalingServer } from "@conic/server";
import express from "express";

const port = Number(process.env["PORT"] ?? 3000);
const http = express().use(express.static("dist")).listen(port); // dist: the page, built by Vite
createSignalingServer().attach(http);
const client = await connect(`ws://localhost:${port}/ws`, { id: "node" });
const terminal = createInterface({ input: process.stdin });
console.log(`open http://localhost:${port}`);

async function chat(call: IncomingCall): Promise<void> {
  for await (const channel of call.accept().dataChannels()) {
    const send = (line: string): boolean => channel.send(line);
    terminal.on("line", send);
    for await (const message of channel) console.log(`${call.remoteId}: ${String(message)}`);
    terminal.off("line", send);
  }
}
for await (const call of client.incoming()) chat(call).catch(console.error);
