import type { ClientId } from "@conic/domain";
import type { Attempts } from "./attempts.js";
import type { ChannelSet } from "../channel/channel-set.js";
import type { Lifecycle } from "./lifecycle.js";
import type { MediaTypes } from "../platform.js";
import type { PeerConnectionStats } from "../stats.js";

export async function collectStats<M extends MediaTypes>(
  remoteId: ClientId,
  life: Lifecycle,
  attempts: Attempts<M>,
  channels: ChannelSet,
): Promise<PeerConnectionStats> {
  const { engine, negotiator } = attempts.current;
  await engine.refreshStats?.();
  return {
    remoteId,
    connectionState: life.state,
    attempts: attempts.count,
    connectTimeMs: life.connectTimeMs,
    path: life.path,
    dataChannelsOpened: channels.opened,
    dataChannelsClosed: channels.closed,
    candidatesQueued: negotiator.candidatesQueued,
    transport: engine.stats(),
    channels: channels.stats(),
    inboundRtp: engine.media.inbound(),
    outboundRtp: engine.media.outbound(),
  };
}
