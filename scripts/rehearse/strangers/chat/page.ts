import { connect } from "@conic/client";

const client = await connect(`ws://${location.host}/ws`);
const channel = (await client.call("node")).createDataChannel("chat");
const input = document.querySelector("input");
document.querySelector("form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  channel.send(input?.value ?? "");
});
for await (const message of channel) document.querySelector("pre")?.append(`${String(message)}\n`);
