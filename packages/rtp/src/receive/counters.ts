/** What a receiver counts, over all the streams that it saw. */
export interface InboundCounters {
  packetsReceived: number;
  bytesReceived: number;
  packetsDiscarded: number;
  packetsRepaired: number;
  duplicates: number;
  framesReceived: number;
  keyFramesReceived: number;
  framesDropped: number;
  nackCount: number;
  pliCount: number;
  lastPacketAtMs: number | undefined;
  /** Of streams that were replaced. */
  lostEarlier: number;
}

export function zeroCounters(): InboundCounters {
  return {
    packetsReceived: 0,
    bytesReceived: 0,
    packetsDiscarded: 0,
    packetsRepaired: 0,
    duplicates: 0,
    framesReceived: 0,
    keyFramesReceived: 0,
    framesDropped: 0,
    nackCount: 0,
    pliCount: 0,
    lastPacketAtMs: undefined,
    lostEarlier: 0,
  };
}
