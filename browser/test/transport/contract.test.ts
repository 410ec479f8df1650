import { describeMessageStreamContract, frameMessages } from "@conic/internal-testing";
import { dialWebSocket, memoryPair } from "@conic/transport";
import { inject } from "vitest";

const capabilities = {
  overflow: "evicts",
  lowWaterMarkBytes: 16_384,
  maxMessageBytes: 65_536,
} as const;

const { relay, silent } = inject("servers");

describeMessageStreamContract(
  "WebSocket of the browser",
  () => {
    const url = `${relay}?pair=${crypto.randomUUID()}`;
    const [a, b] = [dialWebSocket(url), dialWebSocket(url)];
    return Promise.resolve({ a, b, dispose: () => Promise.resolve() });
  },
  frameMessages,
  {
    ...capabilities,
    // The browser drops what arrives once a page has begun to close.
    crossesClose: false,
    // Two networks and a server between them take a buffer full of messages that nobody reads.
    readerSlowsSender: false,
    connecting: () =>
      Promise.resolve({ stream: dialWebSocket(silent), dispose: () => Promise.resolve() }),
  },
);

describeMessageStreamContract(
  "memory pair in a browser",
  () => {
    const [a, b] = memoryPair();
    return Promise.resolve({ a, b, dispose: () => Promise.resolve() });
  },
  frameMessages,
  capabilities,
);
