import { Frame, silentLogger, systemClock, type Connection } from "@conic/domain";
import { Channels } from "@conic/hub";
import {
  collect,
  describeMessageStreamContract,
  frameMessages,
  MemoryBackplanes,
} from "@conic/internal-testing";
import { memoryPair, type StreamLimits } from "@conic/transport";
import { Tunnels } from "../../src/cluster/tunnel/tunnels.js";
import type { Segment } from "../../src/cluster/tunnel/segment.js";

const first = Frame.fromText("the frame with which it moved");

/** A client of one node, and its connection as another node has it. */
async function tunnel(
  client: StreamLimits,
  home: StreamLimits,
): Promise<{ client: Connection; home: Connection }> {
  const network = new MemoryBackplanes({ nodes: 2 });
  const arrived: Segment[] = [];
  const tunnels = network.nodes.map((node) => {
    const channels = new Channels(network.join(node));
    const made = new Tunnels({
      channel: channels.open(2),
      limits: home,
      clock: systemClock,
      logger: silentLogger,
      serve: (segment) => {
        arrived.push(segment);
      },
      end: () => undefined,
    });
    channels.start();
    return made;
  });
  await tunnels[0]?.whenUp("1");
  const [near, far] = memoryPair({ limits: client });
  const entry = tunnels[0]?.enter(far);
  if (entry === undefined) throw new Error("there is no entry");
  near.send(first);
  for await (const frame of entry) entry.move("1", frame, 0);
  while (arrived.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const [segment] = arrived;
  if (segment === undefined) throw new Error("it did not arrive");
  await collect(segment, 1);
  return { client: near, home: segment };
}

const capabilities = {
  overflow: "evicts",
  lowWaterMarkBytes: 16_384,
  maxMessageBytes: 65_536,
  crossesClose: false,
} as const;

describeMessageStreamContract(
  "tunnel, from the client",
  async () => {
    // Less than what waits in front of the tunnel fits in it: or nobody would ever wait.
    const { client, home } = await tunnel({}, { maxReceiveQueueBytes: 16_384 });
    return { a: client, b: home, dispose: () => Promise.resolve() };
  },
  frameMessages,
  capabilities,
);

describeMessageStreamContract(
  "tunnel, from the home of its id",
  async () => {
    const small = { maxReceiveQueueBytes: 16_384, highWaterMarkBytes: 16_384 };
    const { client, home } = await tunnel(small, {});
    return { a: home, b: client, dispose: () => Promise.resolve() };
  },
  frameMessages,
  capabilities,
);
