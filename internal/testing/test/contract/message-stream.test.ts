import { describeMessageStreamContract, type MessageFactory } from "../../src/index.js";
import { RefusingStream } from "./refusing-stream.js";

const messages: MessageFactory<string> = {
  make: (index, bytes) => `${index}:`.padEnd(bytes, "-"),
  equals: (a, b) => a === b,
};

const nothing = (): Promise<void> => Promise.resolve();

describeMessageStreamContract(
  "a stream that refuses",
  () => {
    const [a, b] = RefusingStream.pair();
    return Promise.resolve({ a, b, dispose: nothing });
  },
  messages,
  {
    overflow: "refuses",
    conveysCloseCode: false,
    lowWaterMarkBytes: 200,
    bulkMessageBytes: 100,
    connecting: () => Promise.resolve({ stream: new RefusingStream(), dispose: nothing }),
  },
);
