import { collect, failOnLeaks, FakeClock } from "@conic/internal-testing";
import { once } from "node:events";
import { ConicError, Frame } from "@conic/domain";
import { describe, expect, it } from "vitest";
import { dialWebSocket } from "../../src/index.js";
import { closePayload, opcodes, RawClient, rawFrame } from "../support/raw-client.js";
import { serve } from "../support/server.js";

describe("a WebSocket connection", () => {
  failOnLeaks();

  it("writes the frames of one turn of the event loop together, in order, before a close", async () => {
    await using server = await serve();
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    for (const text of ["one", "two", "three"]) connection.send(Frame.fromText(text));
    // Nothing has left yet: what is held back counts as buffered.
    expect(connection.bufferedAmount).toBe(3 * 2 + "onetwothree".length);
    await client.until((received) => received.includes("three"));
    expect(connection.bufferedAmount).toBe(0);
    connection.send(Frame.fromText("four"));
    const closing = connection.close({ code: 4000, reason: "r" });
    await client.until((received) => received.includes(Buffer.from([0x88])));
    const expected = ["one", "two", "three", "four"].map((text) =>
      rawFrame(opcodes.text, text, { mask: false }),
    );
    expected.push(rawFrame(opcodes.close, closePayload(4000, "r"), { mask: false }));
    expect(client.received).toEqual(Buffer.concat(expected));
    client.write(rawFrame(opcodes.close, closePayload(4000)));
    client.socket.end();
    await closing;
    await client.ended;
  });

  it("leaves the bytes that it sends and forwards unchanged", async () => {
    await using server = await serve();
    const client = dialWebSocket(server.url);
    await client.opened;
    const connection = await server.accepted();
    const bytes = new TextEncoder().encode('{"type":"sdp"} €');
    const copy = bytes.slice();
    client.send(Frame.fromBytes(bytes));
    const [frame] = await collect(connection, 1);
    expect(Buffer.from(frame?.bytes ?? [])).toEqual(Buffer.from(copy));
    if (frame !== undefined) connection.send(frame);
    expect((await collect(client, 1))[0]?.text).toBe('{"type":"sdp"} €');
    expect(bytes).toEqual(copy);
    await client.close();
  });

  it("carries an empty frame", async () => {
    await using server = await serve();
    const client = dialWebSocket(server.url);
    await client.opened;
    client.send(Frame.fromText(""));
    expect((await collect(await server.accepted(), 1))[0]?.byteLength).toBe(0);
    await client.close();
  });

  it("aborts a peer that misses its pong with ping_timeout, and not one that answers", async () => {
    const clock = new FakeClock();
    const limits = { pingIntervalMs: 1000, pongTimeoutMs: 500 };
    await using server = await serve({ clock, limits });
    const silent = await RawClient.upgraded(server.port);
    const dead = await server.accepted();
    const answering = await RawClient.upgraded(server.port);
    const alive = await server.accepted();
    expect(clock.pending).toBe(1);

    clock.advance(1010);
    const ping = rawFrame(opcodes.ping, "", { mask: false });
    await Promise.all([
      silent.until((received) => received.includes(ping)),
      answering.until((received) => received.includes(ping)),
    ]);
    // A part of a frame is a sign of life as good as a pong; the text shows when it has arrived.
    answering.write(rawFrame(opcodes.text, "still here"));
    await collect(alive, 1);
    clock.advance(510);
    const info = await dead.closed;
    expect(info).toMatchObject({ code: 4003, reason: "ping_timeout", wasClean: false });
    expect(info.error?.code).toBe("ping_timeout");
    expect(alive.readyState).toBe("open");
    await silent.ended;
    expect(server.acceptor.connectionCount).toBe(1);
    answering.destroy();
    await alive.closed;
    expect(clock.pending).toBe(0);
  });

  it("keeps alive two ends that have nothing to say", async () => {
    const clock = new FakeClock();
    const limits = { pingIntervalMs: 1000, pongTimeoutMs: 500 };
    await using server = await serve({ clock, limits });
    const client = await RawClient.upgraded(server.port);
    const connection = await server.accepted();
    for (let round = 0; round < 5; round += 1) {
      clock.advance(1020);
      await client.until((received) => received.length >= 2);
      client.skip(2);
      // The pong, and a text behind it to know that it has been read.
      client.write(Buffer.concat([rawFrame(opcodes.pong), rawFrame(opcodes.text, "")]));
      await collect(connection, 1);
    }
    expect(connection.readyState).toBe("open");
    client.destroy();
    await connection.closed;
  });

  it("finds out as a client that the server is gone", async () => {
    await using server = await serve();
    const clock = new FakeClock();
    const limits = { pingIntervalMs: 1000, pongTimeoutMs: 500 };
    const client = dialWebSocket(server.url, { clock, limits });
    await client.opened;
    // Both steps in one turn, in which no pong can arrive.
    clock.advance(1600);
    expect((await client.closed).error?.code).toBe("ping_timeout");
  });

  it("does not take its own pause for the silence of the other end", async () => {
    const clock = new FakeClock();
    const limits = { pingIntervalMs: 1000, pongTimeoutMs: 500, maxReceiveQueueFrames: 2 };
    await using server = await serve({ clock, limits });
    const client = dialWebSocket(server.url);
    await client.opened;
    const connection = await server.accepted();
    for (let index = 0; index < 5; index += 1) client.send(Frame.fromText(`${index}`));
    const [first] = await collect(connection, 1);
    expect(first?.text).toBe("0");
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100_000);
    expect(connection.readyState).toBe("open");
    expect(await collect(connection, 4)).toHaveLength(4);
    clock.advance(999);
    expect(connection.readyState).toBe("open");
    await client.close();
  });

  it("resets the socket when it aborts, so that the kernel keeps nothing for a stuck reader", async () => {
    await using server = await serve();
    const client = await RawClient.upgraded(server.port);
    const errors = once(client.socket, "error");
    (await server.accepted()).abort(new ConicError("slow_consumer", "does not read"));
    await expect(errors).resolves.toMatchObject([{ code: "ECONNRESET" }]);
    await client.ended;
  });

  it("is closed in every way exactly once, whoever is faster", async () => {
    await using server = await serve();
    const endings = [
      ["close", "close"],
      ["close", "abort"],
      ["abort", "close"],
      ["abort", "abort"],
    ] as const;
    for (const [ours, theirs] of endings) {
      const client = dialWebSocket(server.url);
      await client.opened;
      const accepted = await server.accepted();
      let ends = 0;
      for (const end of [client, accepted]) void end.closed.then(() => (ends += 1));
      const finish = (end: typeof client, how: "close" | "abort"): void => {
        if (how === "close") void end.close({ code: 4000 });
        else end.abort(new ConicError("internal", "broken"));
      };
      finish(client, ours);
      finish(accepted, theirs);
      await Promise.all([client.closed, accepted.closed, client.close(), accepted.close()]);
      expect(ends).toBe(2);
    }
    expect(server.acceptor.connectionCount).toBe(0);
  });
});
