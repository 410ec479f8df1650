// One end of a data channel in a process of its own; the parent carries the signals. argv: engine, role, bytes.
import { AsyncQueue, parseClientId } from "@conic/domain";
import { PeerConnection } from "@conic/webrtc";
import { RTCPeerConnection } from "werift";

const [engine, role, size] = process.argv.slice(2);
const bytes = Number(size);
/** Backpressure as an application would have it: 64 messages, 1 MiB at most. */
const backlogBytes = Math.min(1_048_576, Math.max(bytes * 64, 16_384));
const payload = Buffer.alloc(bytes, 7);

/** @param {Record<string, unknown>} message */
const toParent = (message) => process.send?.(message);
let received = 0;
const onReceived = () => {
  received += 1;
};

/** @param {() => boolean} write @param {() => Promise<void>} ready */
async function pump(write, ready) {
  toParent({ type: "open" });
  for (;;) {
    let writable = true;
    for (let i = 0; i < 64 && writable; i += 1) writable = write();
    await (writable ? new Promise((resolve) => setImmediate(resolve)) : ready());
  }
}

async function conic() {
  const inbox = new AsyncQueue({ maxItems: 1000 });
  const local = parseClientId(role ?? "");
  /** @type {import("@conic/domain").SignalingChannel} */
  const signaling = {
    localId: local,
    remoteId: parseClientId(role === "sender" ? "receiver" : "sender"),
    send: async (signal) => {
      toParent({ type: "signal", signal });
    },
    [Symbol.asyncIterator]: () =>
      /** @type {AsyncIterator<import("@conic/domain").Signal>} */ (inbox[Symbol.asyncIterator]()),
    [Symbol.asyncDispose]: async () => {
      inbox.end();
    },
  };
  process.on("message", (message) => {
    if (typeof message === "object" && message !== null && "signal" in message)
      inbox.push(message.signal);
  });
  const peer = new PeerConnection({
    signaling,
    channelLimits: { highWaterMarkBytes: backlogBytes, lowWaterMarkBytes: backlogBytes / 2 },
  });
  if (role === "sender") {
    const channel = peer.createDataChannel("bench");
    await channel.opened;
    await pump(
      () => channel.send(payload),
      () => channel.ready(),
    );
  }
  for await (const channel of peer.dataChannels()) {
    for await (const _ of channel) onReceived();
  }
}

async function werift() {
  const peer = new RTCPeerConnection({
    iceServers: [{ urls: "stun:127.0.0.1:9" }],
    iceStunGatherTimeout: 0.02,
    maxMessageSize: 262_144,
  });
  peer.onIceCandidate.subscribe((candidate) => {
    if (candidate !== undefined)
      toParent({ type: "signal", signal: { candidate: candidate.toJSON() } });
  });
  /** @param {{ description?: { type: "offer" | "answer", sdp: string }, candidate?: object }} signal */
  async function onSignal({ description, candidate }) {
    if (candidate !== undefined) await peer.addIceCandidate(candidate);
    if (description === undefined) return;
    await peer.setRemoteDescription(description);
    if (description.type !== "offer") return;
    const answer = await peer.setLocalDescription(await peer.createAnswer());
    toParent({ type: "signal", signal: { description: answer.toJSON() } });
  }
  process.on("message", (message) => {
    if (typeof message !== "object" || message === null || !("signal" in message)) return;
    void onSignal(/** @type {Parameters<typeof onSignal>[0]} */ (message.signal));
  });
  peer.onDataChannel.subscribe((channel) => {
    channel.onMessage.subscribe(onReceived);
  });
  if (role !== "sender") return;
  const channel = peer.createDataChannel("bench");
  channel.bufferedAmountLowThreshold = backlogBytes / 2;
  const opened = new Promise((resolve) => {
    channel.stateChanged.subscribe((state) => state === "open" && resolve(undefined));
  });
  const offer = await peer.setLocalDescription(await peer.createOffer());
  toParent({ type: "signal", signal: { description: offer.toJSON() } });
  await opened;
  await pump(
    () => {
      channel.send(payload);
      return channel.bufferedAmount <= backlogBytes;
    },
    () => new Promise((resolve) => channel.bufferedAmountLow.once(() => resolve())),
  );
}

process.on("message", (message) => {
  if (message === "count") toParent({ type: "count", received });
});
await (engine === "conic" ? conic() : werift());
