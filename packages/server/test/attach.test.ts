import { once } from "node:events";
import { ConicError } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { createSignalingServer } from "../src/index.js";
import { TestClient } from "./support/client.js";
import { openHost } from "./support/host.js";
import { failOnLeaks } from "@conic/internal-testing";

failOnLeaks();

async function talk(from: TestClient, to: TestClient, target: string): Promise<void> {
  from.send("candidate", { TargetID: target, Candidate: "hello" });
  expect((await to.expect("candidate")).body.Candidate).toBe("hello");
}

describe("several servers in one process", () => {
  it("share an HTTP server on different paths, and know nothing of each other", async () => {
    await using host = await openHost();
    await using red = createSignalingServer({ path: "/red" });
    await using blue = createSignalingServer();
    red.attach(host.http);
    blue.attach(host.http, { path: "/blue" });
    await using redAlice = await TestClient.dial(host.url("/red"));
    await using blueAlice = await TestClient.dial(host.url("/blue"));
    await using blueBob = await TestClient.dial(host.url("/blue"));
    await redAlice.register({ ID: "alice" });
    await blueAlice.register({ ID: "alice" });
    await blueBob.register({ ID: "bob" });
    await talk(blueBob, blueAlice, "alice");
    redAlice.send("candidate", { TargetID: "bob", Candidate: "" });
    expect(await redAlice.refusal()).toBe("target_not_found");
    await red.close();
    expect((await redAlice.closed).code).toBe(1001);
    await talk(blueAlice, blueBob, "bob");
  });

  it("serve an HTTP server each", async () => {
    await using one = await openHost();
    await using two = await openHost();
    await using first = createSignalingServer();
    await using second = createSignalingServer();
    first.attach(one.http);
    second.attach(two.http);
    await using a = await TestClient.dial(one.url());
    await using b = await TestClient.dial(two.url());
    await a.register({ ID: "alice" });
    await b.register({ ID: "alice" });
    expect([first, second].map((server) => server.stats().registered)).toEqual([1, 1]);
  });

  it("refuse a path that is taken", async () => {
    await using host = await openHost();
    await using one = createSignalingServer();
    await using two = createSignalingServer();
    one.attach(host.http);
    expect(() => {
      two.attach(host.http);
    }).toThrow(expect.objectContaining({ code: "invalid_state" }) as Error);
  });
});

describe("one server", () => {
  it("joins the clients of several HTTP servers and of other transports", async () => {
    await using one = await openHost();
    await using two = await openHost();
    await using server = createSignalingServer();
    server.attach(one.http);
    server.attach(two.http, { path: "/signal" });
    await using a = await TestClient.dial(one.url());
    await using b = await TestClient.dial(two.url("/signal"));
    await using c = TestClient.inMemory(server);
    await a.register({ ID: "a" });
    await b.register({ ID: "b" });
    await c.register({ ID: "c" });
    await talk(a, b, "b");
    await talk(b, c, "c");
    await talk(c, a, "a");
    expect(server.stats()).toMatchObject({ connections: 3, registered: 3, connectionsTotal: 3 });
  });

  it("serves a connection once", async () => {
    await using server = createSignalingServer();
    await using alice = TestClient.inMemory(server);
    server.handleConnection(alice.connection);
    expect(() => {
      server.handleConnection(alice.connection);
    }).toThrow(expect.objectContaining({ code: "invalid_state" }) as Error);
  });

  it("selects conic.v1 when it is offered, and serves who offers nothing or something else", async () => {
    await using host = await openHost();
    await using server = createSignalingServer();
    server.attach(host.http);
    await using modern = await TestClient.dial(host.url(), { protocols: ["other", "conic.v1"] });
    await using plain = await TestClient.dial(host.url());
    expect(modern.connection.protocol).toBe("conic.v1");
    expect(plain.connection.protocol).toBe("");
    await modern.register({ ID: "m" });
    await plain.register({ ID: "p" });
    await talk(modern, plain, "p");
  });

  it("accepts maxConnections on an endpoint and answers one more with 503", async () => {
    await using host = await openHost();
    await using server = createSignalingServer({ maxConnections: 2 });
    server.attach(host.http);
    await using first = await TestClient.dial(host.url());
    await using second = await TestClient.dial(host.url());
    const third = TestClient.dial(host.url());
    await expect(third).rejects.toMatchObject({ details: { status: 503 } });
    await first.connection.close();
    await using fourth = await TestClient.dial(host.url());
    await second.register();
    await fourth.register();
  });

  it("lets the host refuse an upgrade by its Origin", async () => {
    await using host = await openHost();
    await using server = createSignalingServer();
    server.attach(host.http, {
      authorize: ({ headers }) => {
        if (headers.origin === "https://app.example") return;
        throw new ConicError("forbidden", "this origin is not allowed");
      },
    });
    const stranger = TestClient.dial(host.url(), { headers: { origin: "https://evil.example" } });
    await expect(stranger).rejects.toMatchObject({ code: "forbidden" });
    await using friend = await TestClient.dial(host.url(), {
      headers: { origin: "https://app.example" },
    });
    await friend.register();
  });

  it.each(["ws", "/ws?x=1", "/w s"])("refuses the path %j", async (path) => {
    await using host = await openHost();
    await using server = createSignalingServer();
    expect(() => {
      server.attach(host.http, { path });
    }).toThrow(expect.objectContaining({ code: "invalid_argument" }) as Error);
  });

  it("refuses limits out of range when it is attached", async () => {
    await using host = await openHost();
    await using server = createSignalingServer({ limits: { maxBufferedBytes: 0 } });
    expect(() => {
      server.attach(host.http);
    }).toThrow(expect.objectContaining({ code: "invalid_argument" }) as Error);
  });
});

describe("inside somebody's web application", () => {
  it("leaves the routes and the other WebSocket endpoint alone, during and after its life", async () => {
    await using host = await openHost((request, response) => {
      response.end(`app: ${request.url ?? ""}`);
    });
    const chat = new WebSocketServer({ noServer: true });
    chat.on("connection", (socket) => {
      socket.on("message", (data: Buffer) => {
        socket.send(`echo ${data.toString()}`);
      });
    });
    host.http.on("upgrade", (request, socket, head) => {
      if (request.url !== "/chat") return;
      chat.handleUpgrade(request, socket, head, (client) => {
        chat.emit("connection", client, request);
      });
    });
    const signaling = createSignalingServer();
    signaling.attach(host.http);

    const useApp = async (): Promise<void> => {
      const page = await fetch(`http://127.0.0.1:${host.port}/orders?id=1`);
      expect(await page.text()).toBe("app: /orders?id=1");
      await using guest = await TestClient.dial(host.url("/chat"));
      guest.sendText("hi");
      expect((await guest.nextFrame()).text).toBe("echo hi");
    };
    await useApp();
    await using alice = await TestClient.dial(host.url());
    await alice.register({ ID: "alice" });
    await signaling.close();
    await useApp();
    expect(host.http.listening).toBe(true);
    const closed = once(chat, "close");
    chat.close();
    await closed;
  });
});
