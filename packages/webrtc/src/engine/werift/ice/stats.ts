import type { CandidateStats, TransportStats } from "../../../stats.js";
import type { WeriftIce, WeriftPath } from "../vendor.js";

type WeriftCandidate = WeriftPath["localCandidate"];

const candidateTypes = ["host", "srflx", "prflx", "relay"] as const;

function candidateStats(candidate: WeriftCandidate): CandidateStats {
  return {
    type: candidateTypes.find((type) => type === candidate.type) ?? "host",
    address: candidate.host,
    port: candidate.port,
    protocol: candidate.transport.toLowerCase() === "tcp" ? "tcp" : "udp",
  };
}

/** A check may overtake the candidate that announces its address: the path is that candidate's all the same. */
function announced(candidate: WeriftCandidate, ice: WeriftIce): WeriftCandidate {
  if (candidate.type !== "prflx") return candidate;
  const { host, port } = candidate;
  const isSame = (other: WeriftCandidate): boolean =>
    other.type !== "prflx" && other.host === host && other.port === port;
  return ice.connection.remoteCandidates.find(isSame) ?? candidate;
}

/** Counters of the selected pair; zeros before one is selected. */
export function transportStats(ice: WeriftIce | undefined): TransportStats {
  const path = ice?.connection.nominated;
  // rtt is in seconds; 0 until the first answer.
  const rtt = path?.rtt;
  return {
    bytesSent: path?.bytesSent ?? 0,
    bytesReceived: path?.bytesReceived ?? 0,
    packetsSent: path?.packetsSent ?? 0,
    packetsReceived: path?.packetsReceived ?? 0,
    roundTripTimeMs: rtt === undefined || rtt === 0 ? undefined : rtt * 1000,
    local: path === undefined ? undefined : candidateStats(path.localCandidate),
    remote:
      ice === undefined || path === undefined
        ? undefined
        : candidateStats(announced(path.remoteCandidate, ice)),
  };
}
