import { connect } from "@conic/client";

const client = await connect(`ws://${location.host}/ws`);
const channel = (await client.call("node")).createDataChannel("chat");
await channel.opened;
const input = document.querySelector("input");
if (input !== null) input.disabled = false;
document.querySelector("form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  channel.send(input?.value ?? "");
});
for await (const message of channel) document.querySelector("pre")?.append(`${String(message)}\n`);
