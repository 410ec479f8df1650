// Answers the page with what it says.
import { connect } from "@conic/client";

const client = await connect(process.argv[2] ?? "", { id: "node" });
console.log("registered");
for await (const call of client.incoming()) {
  for await (const channel of call.accept().dataChannels()) {
    for await (const message of channel) channel.send(message);
    console.log("the channel is closed");
  }
}
