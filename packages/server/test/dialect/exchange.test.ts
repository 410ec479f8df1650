import { failOnLeaks } from "@conic/internal-testing";
import { describe, expect, it } from "vitest";
import { customHub } from "../support/hubs.js";
import { answerer, offerer, recorded, type GoMessage } from "./go-client.js";
import { start } from "./world.js";

failOnLeaks();

/** An exchange as the original makes it. */
const exchange = ["sdp offer", "candidate of the host, as pion hands it out", "candidate of STUN"];

describe("two clients of the Go dialect", () => {
  it("get the very bytes of each other", async () => {
    await using world = await start();
    await using a = await world.go();
    await using b = await world.go();
    a.send(recorded("register_request"));
    expect((await a.next()).data).toEqual({ client_id: offerer, success: true });
    await b.register(answerer);
    const forth = [...exchange, "data_channel", "data_channel with HTML in the label"].map(
      recorded,
    );
    for (const text of forth) a.send(text);
    for (const text of forth) expect(await b.hear()).toBe(text);
    b.send(recorded("sdp answer"));
    expect(await a.hear()).toBe(recorded("sdp answer"));
    expect(world.server.stats()).toMatchObject({ registered: 2, errorsSent: {} });
  });

  it("are handed no words of conic.v1, which could name another sender", async () => {
    await using world = await start();
    await using a = await world.go();
    await using b = await world.go();
    await a.register(offerer);
    await b.register(answerer);
    const raw = JSON.stringify({ ID: "mallory", TargetID: answerer, Candidate: "" });
    const { type, data } = JSON.parse(recorded("candidate of STUN")) as GoMessage;
    const text = JSON.stringify({ type, data, raw });
    a.send(text);
    expect(await b.hear()).toBe(text);
  });

  it("may leave out who they are: the server says it", async () => {
    await using world = await start();
    await using a = await world.go();
    await using b = await world.go();
    await a.register(offerer);
    await b.register(answerer);
    a.send(recorded("candidate without a sender"));
    const { type, data } = await b.next();
    expect(type).toBe("candidate");
    expect(data).toMatchObject({ from_id: offerer, to_id: answerer });
    expect(data["candidate"]).toMatchObject({ sdpMid: "0", usernameFragment: null });
  });
});

describe("a client of the Go dialect and one of conic.v1", () => {
  it.each([
    ["that negotiated it", ["conic.v1"]],
    ["that did not", []],
  ])("complete an exchange that Go begins, with one %s", async (_name, protocols) => {
    await using world = await start();
    await using go = await world.go();
    await using v1 = await world.v1(protocols);
    await go.register(offerer);
    await v1.register({ ID: answerer });
    for (const name of exchange) go.send(recorded(name));
    const sdp = (await v1.expect("sdp")).body;
    expect(sdp).toMatchObject({ ID: offerer, TargetID: answerer });
    expect(sdp.SessionDescription.type).toBe("offer");
    expect(sdp.SessionDescription.sdp).toMatch(/^v=0\r\n[^]*a=setup:actpass\r\n/);
    for (const [sdpMid, type] of [
      ["", "host"],
      ["0", "srflx"],
    ] as const) {
      const { Candidate } = (await v1.expect("candidate")).body;
      const candidate = expect.stringContaining(`typ ${type}`) as string;
      expect(JSON.parse(Candidate)).toMatchObject({ candidate, sdpMid, sdpMLineIndex: 0 });
    }
    const answer = { type: "answer", sdp: "v=0\r\n" };
    v1.send("sdp", { ID: answerer, TargetID: offerer, SessionDescription: answer }, "signal");
    expect(await go.next()).toMatchObject({
      id: "signal",
      type: "sdp",
      data: { from_id: answerer, to_id: offerer, session_description: answer },
    });
    v1.send("candidate", {
      TargetID: offerer,
      Candidate: "candidate:1 1 udp 2 192.0.2.1 3 typ host",
    });
    expect((await go.next()).data).toEqual({
      from_id: answerer,
      to_id: offerer,
      candidate: { candidate: "candidate:1 1 udp 2 192.0.2.1 3 typ host", sdpMLineIndex: 0 },
    });
    expect(world.server.stats().errorsSent).toEqual({});
  });

  it("relay data in both directions", async () => {
    await using world = await start();
    await using go = await world.go();
    await using v1 = await world.v1();
    await go.register(offerer);
    await v1.register({ ID: answerer });
    go.send(recorded("data_channel"));
    const { Label, Data } = (await v1.expect("data_channel")).body;
    expect([Label, Buffer.from(Data, "base64").toString("latin1")]).toEqual([
      "chat",
      "Hello from offer side!\0\u00ff",
    ]);
    v1.send("data_channel", { TargetID: offerer, Label: "chat", Data });
    expect((await go.next()).data).toEqual({
      from_id: answerer,
      to_id: offerer,
      label: "chat",
      payload: Data,
    });
  });

  it("are on different nodes: what the hub carries is conic.v1", async () => {
    const carried: string[] = [];
    // As a hub over many nodes does: it knows whom it delivers to only where they are.
    const hub = customHub((inner) => ({
      get: () => undefined,
      send: (to, frame) => {
        carried.push((JSON.parse(frame.text) as { raw: string }).raw);
        return inner.send(to, frame);
      },
    }));
    await using world = await start({ hub });
    await using a = await world.go();
    await using b = await world.go();
    await a.register(offerer);
    await b.register(answerer);
    a.send(recorded("sdp offer"));
    const { timestamp: _sent, ...sent } = JSON.parse(recorded("sdp offer")) as {
      timestamp: string;
    };
    const { timestamp: _received, ...received } = await b.next();
    expect(received).toEqual(sent);
    expect(carried).toEqual([expect.stringContaining(`"ID":"${offerer}"`)]);
    await hub.drain();
  });
});
