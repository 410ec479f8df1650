import { afterAll, beforeAll } from "vitest";
import { createPeers, openChannel, type Peers } from "../peers.js";
import { channelLimits, describeDataChannels } from "../suites/channel.js";

// One connection for all: each test has channels of its own on it.
let shared: Peers;

beforeAll(async () => {
  shared = createPeers({ a: { channelLimits }, b: { channelLimits } });
  await openChannel(shared, "first");
});

afterAll(async () => {
  await shared[Symbol.asyncDispose]();
});

describeDataChannels(async () => {
  const [near, far] = await openChannel(shared);
  return [near, far, () => Promise.resolve()];
});
