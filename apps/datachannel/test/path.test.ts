import {
  AsyncQueue,
  ConicError,
  Emitter,
  deferred,
  parseClientId,
  type CloseInfo,
} from "@conic/domain";
import type { DataChannel, PeerConnection, PeerConnectionEvents } from "@conic/webrtc";
import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../src/chat/events.js";
import { ChatPeer } from "../src/chat/peer.js";

type Kind = "host" | "srflx" | "relay";

/** As much of a connection as a chat needs to tell its path. */
function connection(): {
  readonly stub: PeerConnection;
  readonly use: (local: Kind, remote: Kind) => void;
  readonly end: (info: CloseInfo) => void;
} {
  const events = new Emitter<PeerConnectionEvents>(() => undefined);
  const closed = deferred<CloseInfo>();
  let transport: { local: { type: Kind }; remote: { type: Kind } } | undefined;
  const stub = {
    remoteId: parseClientId("bob"),
    connectionState: "connecting",
    closed: closed.promise,
    on: events.on.bind(events),
    dataChannels: () => new AsyncQueue({ maxItems: 1 }),
    getStats: () => Promise.resolve({ connectTimeMs: 12.3, transport: transport ?? {} }),
  };
  return {
    stub: stub as unknown as PeerConnection,
    use: (local, remote) => {
      const isFirst = transport === undefined;
      transport = { local: { type: local }, remote: { type: remote } };
      if (isFirst) events.emit("connectionstatechange", "connected");
      events.emit("pathchange", local === "relay" || remote === "relay" ? "relayed" : "direct");
    },
    end: closed.resolve.bind(closed),
  };
}

const always = (): Promise<void> => Promise.resolve();

describe("a peer", () => {
  it("is connected before its channel is open, however late the statistics are", async () => {
    const reported: ChatEvent[] = [];
    const { stub, use, end } = connection();
    const [stats, arrived] = [deferred<void>(), new AsyncQueue<DataChannel>({ maxItems: 1 })];
    const getStats = stub.getStats.bind(stub);
    const busy = Object.assign(stub, {
      dataChannels: () => arrived,
      getStats: async () => {
        await stats.promise;
        return getStats();
      },
    });
    const peer = new ChatPeer(busy, (event) => void reported.push(event), always);
    use("host", "host");
    const [messages, closed] = [new AsyncQueue<string>({ maxItems: 1 }), deferred<CloseInfo>()];
    const channel = { label: "chat", readyState: "open", closed: closed.promise };
    arrived.push(Object.assign(messages, channel) as unknown as DataChannel);
    messages.push("hello");
    await new Promise(setImmediate);
    expect(reported).toEqual([]);
    stats.resolve();
    await peer.firstChannel;
    messages.end();
    const info = { code: 1000, reason: "bye", wasClean: true };
    closed.resolve(info);
    end(info);
    await expect.poll(() => reported.at(-1)?.event).toBe("left");
    const names = reported.map(({ event }) => event).filter((event) => event !== "path");
    expect(names).toEqual(["connected", "channel", "message", "channel", "left"]);
  });
});

describe("the path to a peer", () => {
  it("is told with the connection, and when it changes; and why the peer is lost", async () => {
    const reported: ChatEvent[] = [];
    const { stub, use, end } = connection();
    const peer = new ChatPeer(stub, (event) => void reported.push(event), always);
    expect(peer.id).toBe("bob");
    use("host", "srflx");
    await expect.poll(() => reported).toHaveLength(1);
    use("host", "relay");
    await expect.poll(() => reported).toHaveLength(2);
    use("host", "host");
    await expect.poll(() => reported).toHaveLength(3);
    const details = { reason: "no_candidate_pair" };
    const error = new ConicError("connection_failed", "bob was lost", { details });
    end({ code: 1006, reason: error.message, wasClean: false, error });
    await expect.poll(() => reported).toHaveLength(4);
    expect(reported).toEqual([
      { event: "connected", peer: "bob", path: "nat", ms: 12 },
      { event: "path", peer: "bob", path: "relay" },
      { event: "path", peer: "bob", path: "direct" },
      {
        event: "left",
        peer: "bob",
        clean: false,
        reason: "bob was lost",
        why: "no_candidate_pair",
      },
    ]);
  });
});
