import { failOnLeaks } from "@conic/internal-testing";
import { memoryPair } from "@conic/transport";
import { Frame, type ConicError, type Connection } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { connect } from "../src/index.js";

/** Answers the registration as `alice`, then sends these messages. */
async function serve(connection: Connection, messages: readonly object[]): Promise<void> {
  const send = (type: string, body: object): void => {
    connection.send(Frame.fromText(JSON.stringify({ type, raw: JSON.stringify(body) })));
  };
  for await (const frame of connection) {
    if (!frame.text.includes('"register"')) continue;
    send("register_response", { ID: "alice", ICEServers: [], Resume: "r" });
    for (const { type, ...body } of messages as { type: string }[]) send(type, body);
  }
}

describe("a forwarded message that cannot be read", () => {
  failOnLeaks();

  const ids = { ID: "mallory", TargetID: "alice" };
  it.each([
    { type: "candidate", ...ids, Candidate: "garbage" },
    { type: "candidate", ...ids, Candidate: '{"candidate":null}' },
    { type: "data_channel", ...ids, Label: "x", Data: "not base64!" },
  ])("is a fault and no more: %j", async (message) => {
    const [near, far] = memoryPair();
    const end = { type: "data_channel", ...ids, Label: "x", Data: "AAAA" };
    const serving = serve(far, [message, end]);
    const client = await connect("ws://memory.invalid", { id: "alice", dial: () => near });
    const faults: ConicError[] = [];
    client.on("fault", (error) => faults.push(error));
    const relayed = client.relayed()[Symbol.asyncIterator]();
    expect(await relayed.next()).toMatchObject({ value: { from: "mallory" } });
    expect(client.state).toBe("registered");
    expect(faults.map(({ code }) => code)).toEqual(["invalid_message"]);
    await client.close();
    await serving;
  });
});
