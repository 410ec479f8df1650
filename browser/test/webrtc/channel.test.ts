import { createPeers, openChannel } from "../../../packages/webrtc/test/peers.js";
import {
  channelLimits,
  describeDataChannels,
} from "../../../packages/webrtc/test/suites/channel.js";

// A connection for each test; and a browser drops what arrives once a page has begun to close a channel.
describeDataChannels(
  async () => {
    const peers = createPeers({ a: { channelLimits }, b: { channelLimits } });
    const [near, far] = await openChannel(peers);
    return [
      near,
      far,
      async () => {
        await peers[Symbol.asyncDispose]();
      },
    ];
  },
  { crossesClose: false },
);
