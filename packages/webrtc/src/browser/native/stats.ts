import type { InboundRtpStats, OutboundRtpStats } from "@conic/rtp";
import type { CandidateStats, TransportStats } from "../../stats.js";

/** What Conic tells of a connection, out of what a browser does. */
export interface NativeStats {
  readonly transport: TransportStats;
  readonly inbound: readonly InboundRtpStats[];
  readonly outbound: readonly OutboundRtpStats[];
}

/** As in W3C webrtc-stats section 7.15; the types of TypeScript leave it out. */
interface NativeCandidate {
  readonly candidateType: CandidateStats["type"];
  readonly address?: string | null;
  readonly port?: number;
  readonly protocol?: "udp" | "tcp";
}

/** Beyond what the types of TypeScript have. */
interface Inbound extends RTCInboundRtpStreamStats {
  readonly retransmittedPacketsReceived?: number;
  readonly keyFramesDecoded?: number;
}

export const noStats: NativeStats = {
  transport: {
    bytesSent: 0,
    bytesReceived: 0,
    packetsSent: 0,
    packetsReceived: 0,
    roundTripTimeMs: undefined,
    local: undefined,
    remote: undefined,
  },
  inbound: [],
  outbound: [],
};

export function readStats(report: RTCStatsReport): NativeStats {
  const all = new Map<string, RTCStats>();
  report.forEach((value: RTCStats, id: string) => {
    all.set(id, value);
  });
  const ofType = <T extends RTCStats>(type: RTCStatsType): T[] =>
    [...all.values()].filter((one): one is T => one.type === type);
  return {
    transport: transportOf(all, ofType<RTCTransportStats>("transport")[0]),
    inbound: ofType<Inbound>("inbound-rtp").map(inboundOf),
    outbound: ofType<RTCOutboundRtpStreamStats>("outbound-rtp").map((one) =>
      outboundOf(one, all.get(one.remoteId ?? "") as RTCRemoteInboundRtpStreamStats | undefined),
    ),
  };
}

/** With the path that this pair is. */
export function withPair(stats: NativeStats, pair: RTCIceCandidatePair): NativeStats {
  const transport = { ...stats.transport, local: endOf(pair.local), remote: endOf(pair.remote) };
  return { ...stats, transport };
}

function endOf({ type, address, port, protocol }: RTCIceCandidate): CandidateStats | undefined {
  if (type === null) return undefined;
  return { type, address: address ?? "", port: port ?? 0, protocol: protocol ?? "udp" };
}

interface RTCRemoteInboundRtpStreamStats extends RTCReceivedRtpStreamStats {
  readonly fractionLost?: number;
  readonly roundTripTime?: number;
}

function transportOf(
  all: ReadonlyMap<string, RTCStats>,
  transport: RTCTransportStats | undefined,
): TransportStats {
  const pairId = transport?.selectedCandidatePairId;
  const pair = pairId === undefined ? undefined : all.get(pairId);
  const { localCandidateId, remoteCandidateId, currentRoundTripTime } = (pair ??
    {}) as Partial<RTCIceCandidatePairStats>;
  return {
    bytesSent: transport?.bytesSent ?? 0,
    bytesReceived: transport?.bytesReceived ?? 0,
    packetsSent: transport?.packetsSent ?? 0,
    packetsReceived: transport?.packetsReceived ?? 0,
    roundTripTimeMs: milliseconds(currentRoundTripTime),
    local: candidateOf(all.get(localCandidateId ?? "")),
    remote: candidateOf(all.get(remoteCandidateId ?? "")),
  };
}

function candidateOf(stats: RTCStats | undefined): CandidateStats | undefined {
  if (stats === undefined) return undefined;
  const { candidateType, address, port, protocol } = stats as unknown as NativeCandidate;
  return {
    type: candidateType,
    address: address ?? "",
    port: port ?? 0,
    protocol: protocol ?? "udp",
  };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function inboundOf(one: Inbound): InboundRtpStats {
  return {
    kind: one.kind === "audio" ? "audio" : "video",
    mid: one.mid,
    ssrc: one.ssrc,
    packetsReceived: one.packetsReceived ?? 0,
    bytesReceived: one.bytesReceived ?? 0,
    packetsLost: one.packetsLost ?? 0,
    packetsDiscarded: one.packetsDiscarded ?? 0,
    packetsRepaired: one.retransmittedPacketsReceived ?? 0,
    duplicates: 0,
    jitterMs: (one.jitter ?? 0) * 1_000,
    framesReceived: one.kind === "audio" ? (one.packetsReceived ?? 0) : (one.framesReceived ?? 0),
    keyFramesReceived: one.keyFramesDecoded ?? 0,
    framesDropped: one.framesDropped ?? 0,
    nackCount: one.nackCount ?? 0,
    pliCount: one.pliCount ?? 0,
    lastPacketAtMs: one.lastPacketReceivedTimestamp,
    remoteClock: undefined,
  };
}

function outboundOf(
  one: RTCOutboundRtpStreamStats,
  remote: RTCRemoteInboundRtpStreamStats | undefined,
): OutboundRtpStats {
  const isVideo = one.kind === "video";
  return {
    kind: isVideo ? "video" : "audio",
    mid: one.mid,
    ssrc: one.ssrc,
    packetsSent: one.packetsSent ?? 0,
    bytesSent: one.bytesSent ?? 0,
    headerBytesSent: one.headerBytesSent ?? 0,
    framesSent: isVideo ? (one.framesSent ?? 0) : (one.packetsSent ?? 0),
    keyFramesSent: one.keyFramesEncoded ?? 0,
    retransmittedPacketsSent: one.retransmittedPacketsSent ?? 0,
    retransmittedBytesSent: one.retransmittedBytesSent ?? 0,
    nackCount: one.nackCount ?? 0,
    pliCount: one.pliCount ?? 0,
    firCount: one.firCount ?? 0,
    remotePacketsLost: remote?.packetsLost ?? 0,
    remoteFractionLost: remote?.fractionLost ?? 0,
    remoteJitterMs: (remote?.jitter ?? 0) * 1_000,
    roundTripTimeMs: milliseconds(remote?.roundTripTime),
    targetBitrate: isVideo ? one.targetBitrate : undefined,
  };
}
