import { createPeers, openChannel } from "../../../packages/webrtc/test/peers.js";
import {
  channelLimits,
  describeDataChannels,
} from "../../../packages/webrtc/test/suites/channel.js";

// A connection for each test: Chromium 156, whose channel was aborted with data in its buffer, may tell the next channel
// with that stream id nothing about its own buffer.
describeDataChannels(async () => {
  const peers = createPeers({ a: { channelLimits }, b: { channelLimits } });
  const [near, far] = await openChannel(peers);
  return [
    near,
    far,
    async () => {
      await peers[Symbol.asyncDispose]();
    },
  ];
});
