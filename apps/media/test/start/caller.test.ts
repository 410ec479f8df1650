import { AsyncQueue, closeCodes, ConicError, parseClientId, type ClientId } from "@conic/domain";
import { failOnLeaks } from "@conic/internal-testing";
import type { PeerConnection } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import {
  answer,
  dial,
  type AnsweringClient,
  type DialingClient,
} from "../../src/start/call/caller.js";
import type { MediaEvent } from "../../src/start/events.js";

failOnLeaks();

interface Call {
  readonly remoteId: ClientId;
  readonly accept: () => PeerConnection;
  readonly reject: () => void;
}

interface Phone {
  readonly client: AnsweringClient;
  readonly calls: AsyncQueue<Call>;
  readonly rejected: string[];
  readonly ring: (peer: string, connected: Promise<void>) => PeerConnection;
}

function phone(): Phone {
  const calls = new AsyncQueue<Call>({ maxItems: 8 });
  const rejected: string[] = [];
  const error = new ConicError("replaced", "the id was taken over");
  const closed = { code: closeCodes.abnormal, reason: error.message, wasClean: false, error };
  return {
    client: { closed: Promise.resolve(closed), incoming: () => calls },
    calls,
    rejected,
    ring: (peer, connected) => {
      connected.catch(() => undefined);
      const connection = { remoteId: peer, connected } as unknown as PeerConnection;
      const reject = (): void => void rejected.push(peer);
      calls.push({ remoteId: parseClientId(peer), accept: () => connection, reject });
      return connection;
    },
  };
}

function report(): { events: MediaEvent[]; report: (event: MediaEvent) => void } {
  const events: MediaEvent[] = [];
  return { events, report: (event) => void events.push(event) };
}

function refused(error: ConicError): Promise<never> {
  return Promise.reject(error);
}

function refusing(error: ConicError): DialingClient {
  return { call: () => refused(error) };
}

const never = new AbortController().signal;

describe("an answer", () => {
  it("takes the first call that connects, and turns away who calls during it", async () => {
    const { client, calls, rejected, ring } = phone();
    const told = report();
    ring("zoe", Promise.reject(new ConicError("timeout", "zoe did not connect")));
    const taken = ring("bob", Promise.resolve());
    expect(await answer(client, told.report, never)).toBe(taken);
    ring("eve", Promise.resolve());
    await expect.poll(() => rejected).toEqual(["eve"]);
    calls.end();
    expect(told.events).toEqual([
      { event: "incoming", peer: "zoe" },
      { event: "error", code: "timeout", message: "zoe did not connect" },
      { event: "incoming", peer: "bob" },
      { event: "busy", peer: "eve" },
    ]);
  });

  it("ends with the server's reason when the server ends the session", async () => {
    const { client, calls } = phone();
    calls.end();
    await expect(answer(client, report().report, never)).rejects.toMatchObject({
      exitCode: 1,
      message: "the server ended the session: the id was taken over",
    });
  });

  it("ends without an error when it is stopped, before a call and while one connects", async () => {
    const { client, ring } = phone();
    const stop = new AbortController();
    const waiting = answer(client, report().report, stop.signal);
    stop.abort();
    expect(await waiting).toBeUndefined();
    const during = new AbortController();
    const other = phone();
    other.ring("bob", new Promise(() => undefined));
    const connecting = answer(other.client, report().report, during.signal);
    await new Promise(setImmediate);
    during.abort();
    expect(await connecting).toBeUndefined();
    ring("late", Promise.resolve());
  });
});

describe("an offer", () => {
  it("that fails ends with code 4 and what to do", async () => {
    const client = refusing(new ConicError("target_not_found", "no such id"));
    await expect(dial(client, "bob", report().report, never)).rejects.toMatchObject({
      exitCode: 4,
      message: "nobody is registered as bob: check the id, and that the peer is running",
    });
  });

  it("that is stopped ends without an error", async () => {
    const stop = new AbortController();
    stop.abort();
    const client = refusing(new ConicError("aborted", "aborted"));
    expect(await dial(client, "bob", report().report, stop.signal)).toBeUndefined();
  });
});
