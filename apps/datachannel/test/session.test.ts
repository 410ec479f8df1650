import {
  AsyncQueue,
  ConicError,
  deferred,
  parseClientId,
  type SignalingChannel,
} from "@conic/domain";
import type { SignalingEvent } from "@conic/domain";
import { FakeClock, failOnLeaks } from "@conic/internal-testing";
import { PeerConnection } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../src/chat/events.js";
import { ChatSession, firstChannelTimeoutMs, type ChatClient } from "../src/chat/session.js";

/** The two ends of signaling in memory. */
function signalingPair(): [SignalingChannel, SignalingChannel] {
  const ids = [parseClientId("alice"), parseClientId("bob")] as const;
  const inboxes = ids.map(() => new AsyncQueue<SignalingEvent>({ maxItems: 1024 }));
  const end = (mine: 0 | 1): SignalingChannel => ({
    localId: ids[mine],
    remoteId: ids[1 - mine] ?? ids[0],
    send: (signal) => {
      inboxes[1 - mine]?.push(signal);
      return Promise.resolve();
    },
    [Symbol.asyncIterator]: () => (inboxes[mine] ?? inboxes[0])?.[Symbol.asyncIterator]() as never,
    [Symbol.asyncDispose]: () => {
      inboxes[mine]?.end();
      return Promise.resolve();
    },
  });
  return [end(0), end(1)];
}

interface Called extends AsyncDisposable {
  readonly session: ChatSession;
  readonly events: readonly ChatEvent[];
  readonly clock: FakeClock;
  /** The output is full until this settles. */
  fill(until: Promise<void>): void;
  /** The connection of bob, who called and has not opened a channel yet. */
  readonly caller: PeerConnection;
}

/** The chat of alice, who was called by bob and is connected to him, without a channel. */
async function called(): Promise<Called> {
  const [alice, bob] = signalingPair();
  const [own, caller] = [alice, bob].map((signaling) => new PeerConnection({ signaling }));
  if (own === undefined || caller === undefined) throw new Error("there are two");
  const incoming = new AsyncQueue<{ remoteId: typeof bob.localId; accept: () => PeerConnection }>({
    maxItems: 1,
  });
  const client: ChatClient = {
    id: alice.localId,
    state: "registered",
    room: () => Promise.reject(new ConicError("unsupported_type", "there are no rooms here")),
    call: () => Promise.resolve(own),
    incoming: () => incoming,
    on: () => () => undefined,
    close: async () => {
      incoming.end();
      await own.close();
    },
  };
  const events: ChatEvent[] = [];
  let room = Promise.resolve();
  const clock = new FakeClock();
  const session = new ChatSession({
    client,
    label: "chat",
    report: (event) => void events.push(event),
    room: () => room,
    clock,
  });
  const connected = deferred<void>();
  session.onPeer(() => {
    connected.resolve();
  });
  incoming.push({ remoteId: bob.localId, accept: () => own });
  await Promise.all([caller.connect(), connected.promise]);
  return {
    session,
    events,
    clock,
    caller,
    fill: (until) => {
      room = until;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([session.close(), caller.close()]);
    },
  };
}

async function texts(chat: Called, count: number): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of chat.caller.createDataChannel("chat")) {
    if (messages.push(message) === count) break;
  }
  return messages;
}

describe("a call of a peer whose channel is not there yet", () => {
  failOnLeaks();

  it("takes lines: they are sent, in order, when the channel is open", async () => {
    await using chat = await called();
    const lines = ["one", "two", "three"].map((message) =>
      chat.session.run({ name: "say", message }),
    );
    const named = chat.session.run({ name: "send", label: "chat", message: "four" });
    expect(await texts(chat, 4)).toEqual(["one", "two", "three", "four"]);
    await Promise.all([...lines, named]);
    expect(chat.events.filter(({ event }) => event === "error")).toEqual([]);
    expect(chat.clock.pending).toBe(0);
  });

  it("can be turned to: that waits for the channel and opens no second one", async () => {
    await using chat = await called();
    const turning = chat.session.offer("bob");
    const receiving = texts(chat, 1);
    expect((await turning).channels.map(({ label }) => label)).toEqual(["chat"]);
    chat.session.say("hello");
    expect(await receiving).toEqual(["hello"]);
  });

  it("says so when none comes in time; turning to the peer opens one then", async () => {
    await using chat = await called();
    const line = chat.session.run({ name: "say", message: "anybody?" });
    const turning = chat.session.offer("bob");
    while (chat.clock.pending < 2) await new Promise(setImmediate);
    chat.clock.advance(firstChannelTimeoutMs - 1);
    await new Promise(setImmediate);
    expect(chat.events.filter(({ event }) => event === "error")).toEqual([]);
    chat.clock.advance(1);
    await line;
    const message = "no channel to bob is open: channel <label> opens one";
    expect(chat.events.filter(({ event }) => event === "error")).toMatchObject([
      { code: "invalid_state", message },
    ]);
    expect((await turning).channels).toHaveLength(1);
  });

  it("has the wait end with the connection, and with the program", async () => {
    await using chat = await called();
    const leave = new AbortController();
    const left = chat.session.run({ name: "say", message: "never sent" }, { signal: leave.signal });
    leave.abort();
    expect(await left).toBe(true);
    const lost = chat.session.run({ name: "say", message: "never sent either" });
    await chat.caller.close();
    await lost;
    expect(chat.events.filter(({ event }) => event === "error")).toMatchObject([
      { code: "invalid_state", message: expect.stringContaining("nobody is connected") as string },
    ]);
    expect(chat.clock.pending).toBe(0);
  });
});

describe("an output that is full", () => {
  failOnLeaks();

  it("is not given more messages before there is room: they stay with the channel", async () => {
    await using chat = await called();
    const room = deferred<void>();
    chat.fill(room.promise);
    const channel = chat.caller.createDataChannel("chat");
    await channel.opened;
    for (const text of ["one", "two", "three"]) channel.send(text);
    await expect.poll(() => chat.session.rows()[0]?.messagesReceived).toBe(3);
    const shown = (): unknown[] =>
      chat.events.flatMap((event) => (event.event === "message" ? [event.text] : []));
    await chat.caller.close();
    expect(shown()).toEqual(["one"]);
    room.resolve();
    // The end is told behind what had arrived before it.
    await expect.poll(() => chat.events.at(-1)?.event).toBe("left");
    expect(shown()).toEqual(["one", "two", "three"]);
  });
});

describe("a peer that leaves", () => {
  failOnLeaks();

  it.each([
    ["after it closed its channel: both are told", true, ["open", "closed"]],
    ["with its channel open: that it left is all", false, ["open"]],
  ])("%s", async (_how, closes, states) => {
    await using chat = await called();
    const channel = chat.caller.createDataChannel("chat");
    await channel.opened;
    if (closes) await channel.close();
    chat.caller.abort(new ConicError("aborted", "enough"));
    await expect.poll(() => chat.events.at(-1)?.event).toBe("left");
    const told = chat.events.flatMap((event) => (event.event === "channel" ? [event.state] : []));
    expect(told).toEqual(states);
  });
});
