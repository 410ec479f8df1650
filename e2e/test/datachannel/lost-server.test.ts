import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { steadyPort } from "../../../internal/testing/src/steady-port.js";
import { startSignalServer } from "../../src/signal-server.js";
import { Chat, unique } from "./support/chat.js";

import { Terminal } from "./support/terminal.js";

describe.concurrent.each(["SIGKILL", "SIGTERM"] as const)("a server that ends by %s", (signal) => {
  it("is missed by nobody who is connected, and everybody comes back to the next one", async () => {
    const [alice, bob, carol] = [unique("alice"), unique("bob"), unique("carol")];
    await using first = await startSignalServer({ args: [`--port=${await steadyPort()}`] });
    await using a = await Chat.json(first.url, alice, "--role=answer");
    await using b = await Chat.json(first.url, bob);
    await b.line(`offer ${alice}`);
    await b.line("before");
    await a.event("message", { text: "before" });

    first.process.kill(signal);
    await first.process.exit();
    await a.event("server", { state: "reconnecting" });
    await b.event("server", { state: "reconnecting" });
    await b.line("during");
    await a.event("message", { text: "during" });
    await a.line("during, too");
    await b.event("message", { text: "during, too" });
    await b.line("channel more");
    await a.event("channel", { label: "more", state: "open" });

    await using second = await startSignalServer({ args: [`--port=${first.port}`] });
    await a.event("server", { state: "registered" });
    await b.event("server", { state: "registered" });
    await b.line("after");
    await a.event("message", { text: "after" });
    expect(a.texts).toEqual(["before", "during", "after"]);

    await using c = await Chat.json(second.url, carol, `--target=${alice}`);
    await c.line("a new call");
    await a.event("message", { peer: carol, text: "a new call" });
    await b.line(`offer ${carol}`);
    await b.line("another");
    await c.event("message", { peer: bob, text: "another" });
    expect([...a.names, ...b.names]).not.toContain("error");
    expect([...a.names, ...b.names]).not.toContain("left");
  });
});

describe("a server that is away", () => {
  it("is told to people once, and so is that it is back", async () => {
    const [alice, bob] = [unique("alice"), unique("bob")];
    await using first = await startSignalServer({ args: [`--port=${await steadyPort()}`] });
    await using a = await Terminal.open(first.url, alice);
    first.process.kill("SIGKILL");
    const away = "* the server went away; open chats go on, new calls wait until it is back";
    await a.shows(away);
    await using second = await startSignalServer({ args: [`--port=${first.port}`] });
    await using b = await Chat.json(second.url, bob, "--role=answer");
    await a.shows("* the server is back: registered again");
    await a.enter(`offer ${bob}`);
    await a.prompts(`${bob}> `);
    await a.enter("finally");
    await b.event("message", { text: "finally" });
    expect(a.screen.rows.filter((row) => row === away)).toHaveLength(1);
  });

  it("and does not take a client back ends the chat with code 1 and the reason", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    server.on("connection", (socket) => {
      const raw = JSON.stringify({ ID: "alice", ICEServers: [], Resume: "x" });
      socket.once("message", () => {
        socket.send(JSON.stringify({ type: "register_response", raw }));
        socket.close(4500, "a newer connection took the id over");
      });
    });
    try {
      const { port } = server.address() as AddressInfo;
      await using a = new Chat(`127.0.0.1:${port}`, ["--id=alice", "--role=answer"]);
      expect(await a.exit()).toEqual({ code: 1, signal: null });
      await a.stderr.line(/^conic-datachannel: the server ended the session: /);
    } finally {
      server.close();
    }
  });
});
