import { describeMessageStreamContract, type MessageFactory } from "@conic/internal-testing";
import type { DataChannel, DataChannelLimits, DataChannelMessage } from "@conic/webrtc";
import { createPeers } from "../peers.js";

/** Bytes for odd numbers, text for even ones. */
const messages: MessageFactory<DataChannelMessage> = {
  make: (index, bytes) => {
    const text = `${index}:`.padEnd(bytes, "x");
    return index % 2 === 0 ? text : new TextEncoder().encode(text);
  },
  equals: (a, b) =>
    typeof a === "string" || typeof b === "string"
      ? a === b
      : a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]),
};

/** To be used at both ends. */
export const channelLimits: Partial<DataChannelLimits> = {
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

/** An open channel, from the side that opened it, and how to free it. */
export type ChannelPair = readonly [
  near: DataChannel,
  far: DataChannel,
  dispose: () => Promise<void>,
];

/** The contract of message streams for data channels with limits that tests can reach. */
export function describeDataChannels(
  makePair: () => Promise<ChannelPair>,
  { crossesClose = true }: { readonly crossesClose?: boolean } = {},
): void {
  describeMessageStreamContract(
    "data channel, from the side that opened it",
    async () => {
      const [a, b, dispose] = await makePair();
      return { a, b, dispose };
    },
    messages,
    {
      ...capabilities,
      crossesClose,
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
      const [b, a, dispose] = await makePair();
      return { a, b, dispose };
    },
    messages,
    { ...capabilities, crossesClose },
  );
}
