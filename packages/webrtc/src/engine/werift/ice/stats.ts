import type { CandidateStats, TransportStats } from "../../../stats.js";
import type { IceAgent } from "./agent/agent.js";

/** Counters of the selected pair; zeros before one is selected. */
export function transportStats(agent: IceAgent | undefined): TransportStats {
  const pair = agent?.selected;
  return {
    bytesSent: pair?.bytesSent ?? 0,
    bytesReceived: pair?.bytesReceived ?? 0,
    packetsSent: pair?.packetsSent ?? 0,
    packetsReceived: pair?.packetsReceived ?? 0,
    roundTripTimeMs: pair?.rttMs,
    local: pair === undefined ? undefined : candidateStats(pair.link.kind, pair.link.base),
    remote: pair === undefined ? undefined : candidateStats(pair.remote.kind, pair.remote),
  };
}

function candidateStats(
  type: CandidateStats["type"],
  { address, port }: { readonly address: string; readonly port: number },
): CandidateStats {
  return { type, address, port, protocol: "udp" };
}
