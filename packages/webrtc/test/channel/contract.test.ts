import { describeMessageStreamContract, type MessageFactory } from "@conic/internal-testing";
import { afterAll, beforeAll } from "vitest";
import type { DataChannel, DataChannelLimits, DataChannelMessage } from "../../src/index.js";
import { createPeers, openChannel, type Peers } from "../peers.js";

/** Bytes for odd numbers, text for even ones. */
const messages: MessageFactory<DataChannelMessage> = {
  make: (index, bytes) => {
    const text = `${index}:`.padEnd(bytes, "x");
    return index % 2 === 0 ? text : new TextEncoder().encode(text);
  },
  equals: (a, b) =>
    typeof a === "string" || typeof b === "string"
      ? a === b
      : Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0,
};

const channelLimits: Partial<DataChannelLimits> = {
  highWaterMarkBytes: 131_072,
  lowWaterMarkBytes: 32_768,
  maxBufferedBytes: 524_288,
};

const capabilities = {
  overflow: "refuses",
  conveysCloseCode: false,
  readerSlowsSender: false,
  lowWaterMarkBytes: 32_768,
  maxMessageBytes: 262_144,
  bulkMessageBytes: 8_192,
} as const;

// One connection for all: each test has channels of its own on it.
let shared: Peers;

beforeAll(async () => {
  shared = createPeers({ a: { channelLimits }, b: { channelLimits } });
  await openChannel(shared, "first");
});

afterAll(async () => {
  await shared[Symbol.asyncDispose]();
});

function channelPair(): Promise<[DataChannel, DataChannel]> {
  return openChannel(shared);
}

const nothing = (): Promise<void> => Promise.resolve();

describeMessageStreamContract(
  "data channel, from the side that opened it",
  async () => {
    const [a, b] = await channelPair();
    return { a, b, dispose: nothing };
  },
  messages,
  {
    ...capabilities,
    connecting: () => {
      const peers = createPeers({ pass: () => false });
      return Promise.resolve({
        stream: peers.a.createDataChannel("chat"),
        dispose: async () => {
          await peers[Symbol.asyncDispose]();
        },
      });
    },
  },
);

describeMessageStreamContract(
  "data channel, from the other side",
  async () => {
    const [a, b] = await channelPair();
    return { a: b, b: a, dispose: nothing };
  },
  messages,
  capabilities,
);
