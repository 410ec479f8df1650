// Registers, calls a Node program, sends it a text and bytes, and shows what comes back.
import { connect } from "@conic/client";

const parameters = new URLSearchParams(location.search);
const client = await connect(parameters.get("server") ?? "", { id: "page" });
const peer = await client.call("node", { signal: AbortSignal.timeout(20_000) });
const channel = peer.createDataChannel("chat");
await channel.opened;
channel.send("hello from a page");
channel.send(Uint8Array.of(1, 2, 3));
for await (const message of channel) {
  const text = typeof message === "string" ? message : `bytes ${[...message].join(" ")}`;
  document.body.append(`${text}; `);
  if (typeof message !== "string") break;
}
await client.close();
document.title = "done";
