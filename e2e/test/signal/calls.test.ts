import { describe, expect, it } from "vitest";
import { callCounts } from "../../src/call-counts.js";
import { startSignalServer } from "../../src/signal-server.js";
import { Chat } from "../datachannel/support/chat.js";

describe("calls of the chat, at /metrics", () => {
  it("count once, as direct; one to nobody with the reason", async () => {
    await using server = await startSignalServer();
    await using bob = await Chat.json(server.url, "bob");
    await using alice = await Chat.json(server.url, "alice");
    expect(await callCounts(server)).toEqual({});
    await alice.line("offer nobody");
    const error = await alice.event("error");
    expect(error).toMatchObject({ code: "target_not_found", why: "peer_gone" });
    await alice.line("offer bob");
    expect(await alice.event("connected")).toMatchObject({ peer: "bob", path: "direct" });
    await bob.event("connected");
    const expected = { direct: 1, "failed peer_gone": 1 };
    await expect.poll(() => callCounts(server)).toEqual(expected);
    await alice.line("quit");
    await bob.event("left");
    expect(await callCounts(server)).toEqual(expected);
  });
});
