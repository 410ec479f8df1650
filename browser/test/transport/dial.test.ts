import { ConicError, Frame, isConicError, type Connection } from "@conic/domain";
import { abortListenerCount, collect, collectAll, failOnLeaks } from "@conic/internal-testing";
import { dialWebSocket, reconnecting, type DialOptions } from "@conic/transport";
import { describe, expect, inject, it } from "vitest";
import type { Orders } from "../../servers/provided.js";

const { obedient, relay, silent } = inject("servers");

/** A connection with a server that does what `orders` say. */
function dial(orders: Orders, options: DialOptions = {}): Connection {
  return dialWebSocket(`${obedient}?${new URLSearchParams({ ...orders }).toString()}`, options);
}

async function failure(promise: Promise<void>): Promise<ConicError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (isConicError(error)) return error;
  throw new Error("it did not fail");
}

/** What the server saw of the end of the connection with this name. */
async function seenByServer(name: string): Promise<unknown> {
  await using watch = dial({ watch: name });
  const [frame] = await collect(watch, 1);
  return JSON.parse(frame?.text ?? "null");
}

describe("dialing from a page", () => {
  failOnLeaks();

  it("selects a subprotocol", async () => {
    await using connection = dial({}, { protocols: ["other", "conic.v1"] });
    await connection.opened;
    expect([connection.protocol, connection.remoteAddress]).toEqual(["conic.v1", ""]);
  });

  it.each(["401", "404", "503"])("is unreachable where the server answers %s", async (status) => {
    const connection = dial({ status });
    const error = await failure(connection.opened);
    expect(error).toMatchObject({ code: "unreachable", details: { reason: "other" } });
    expect((await connection.closed).error).toBe(error);
  });

  it("is unreachable where nobody listens", async () => {
    // A port that browsers never dial fails as one where nobody listens does.
    const connection = dialWebSocket("ws://127.0.0.1:1/ws");
    expect((await failure(connection.opened)).code).toBe("unreachable");
  });

  it("gives up after connectTimeoutMs, or when the signal fires", async () => {
    const timed = dialWebSocket(silent, { connectTimeoutMs: 50 });
    expect((await failure(timed.opened)).code).toBe("timeout");
    const controller = new AbortController();
    const aborted = dialWebSocket(silent, { signal: controller.signal });
    controller.abort();
    expect((await failure(aborted.opened)).code).toBe("aborted");
    expect(abortListenerCount(controller.signal)).toBe(0);
  });
});

describe("a connection of a page", () => {
  failOnLeaks();

  it.each<[close: string, reason: string]>([
    ["1000", "bye"],
    ["1001", "shutting_down"],
    ["4500", "replaced"],
  ])("is told code %s and reason of a close", async (close, reason) => {
    const connection = dial({ close, reason });
    expect(await connection.closed).toEqual({ code: Number(close), reason, wasClean: true });
  });

  it("tells the server code and reason of its own", async () => {
    const name = crypto.randomUUID();
    const connection = dial({ name });
    await connection.opened;
    await connection.close({ code: 4000, reason: "moved on" });
    expect(await seenByServer(name)).toEqual({ code: 4000, reason: "moved on" });
  });

  it("says no code that a browser cannot send, and stays open", async () => {
    await using connection = dial({});
    await connection.opened;
    expect((await failure(connection.close({ code: 1011 }))).code).toBe("invalid_argument");
    expect(connection.readyState).toBe("open");
  });

  it("is not clean when the server is cut off", async () => {
    const connection = dial({ cut: "1" });
    expect(await connection.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it("ends at once when aborted, and the server is told", async () => {
    const name = crypto.randomUUID();
    const connection = dial({ name });
    await connection.opened;
    connection.abort(new ConicError("internal", "broken"));
    expect(connection.readyState).toBe("closed");
    expect(await seenByServer(name)).toEqual({ code: 4406, reason: "aborted" });
  });

  it("takes a message of maxFrameBytes, and closes for one byte more", async () => {
    await using largest = dial({ bytes: "1000" }, { limits: { maxFrameBytes: 1000 } });
    expect((await collect(largest, 1))[0]?.byteLength).toBe(1000);
    const name = crypto.randomUUID();
    const connection = dial({ bytes: "1001", name }, { limits: { maxFrameBytes: 1000 } });
    expect(await connection.closed).toMatchObject({ code: 1009, error: { code: "too_large" } });
    expect(await seenByServer(name)).toEqual({ code: 4409, reason: "too_large" });
  });

  it("closes for a binary message", async () => {
    const name = crypto.randomUUID();
    const connection = dial({ binary: "1", name });
    expect(await connection.closed).toMatchObject({ error: { code: "unsupported_data" } });
    expect(await seenByServer(name)).toEqual({ code: 4403, reason: "unsupported_data" });
  });

  it("ends when more arrives than a page that does not read can hold", async () => {
    const limits = { maxReceiveQueueFrames: 4 };
    await using fitting = dial({ count: "64" }, { limits });
    expect(await collect(fitting, 64)).toHaveLength(64);
    const name = crypto.randomUUID();
    const connection = dial({ count: "65", name }, { limits });
    expect(await connection.closed).toMatchObject({ code: 4001, wasClean: false });
    expect(await seenByServer(name)).toEqual({ code: 4001, reason: "slow_consumer" });
    expect(await collectAll(connection)).toHaveLength(64);
  });

  it("waits for a server that does not read, and gives it up above maxBufferedBytes", async () => {
    const name = crypto.randomUUID();
    const connection = dial({ deaf: name });
    await connection.opened;
    const frame = Frame.fromText("x".repeat(65_536));
    // What the networks of both sides hold is taken first.
    for (let sent = 0; connection.readyState === "open" && sent < 4_000; sent += 1) {
      const stuck = AbortSignal.timeout(500);
      if (!connection.send(frame)) await connection.ready({ signal: stuck }).catch(() => undefined);
      if (stuck.aborted) break;
    }
    expect(connection.bufferedAmount).toBeGreaterThan(16_384);
    expect(() => {
      for (let sent = 0; sent < 20; sent += 1) connection.send(frame);
    }).toThrow("does not read");
    expect(await connection.closed).toMatchObject({ code: 4001, wasClean: false });
    // The page is done with it, and cannot make the browser be: it goes on waiting for the server.
    await dial({ end: name }).closed;
  });
});

describe("a page that comes back", () => {
  failOnLeaks();

  it("dials anew after a cut, and no more once it is told not to", async () => {
    const urls = [
      `${obedient}?cut=1`,
      `${obedient}?close=1001`,
      `${obedient}?close=4500&reason=replaced`,
    ];
    const retries: (number | undefined)[] = [];
    const connections = reconnecting({
      dial: (signal) => dialWebSocket(urls[retries.length] ?? relay, { signal }),
      backoff: { initialMs: 1 },
      onRetry: ({ close }) => retries.push(close?.code),
    });
    const ends = async (): Promise<void> => {
      for await (const connection of connections) await connection.closed;
    };
    await expect(ends()).rejects.toMatchObject({ code: "replaced" });
    expect(retries).toEqual([1006, 1001]);
  });
});
