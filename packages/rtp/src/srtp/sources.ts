import { ConicError } from "@conic/domain";
import { unwrapSequence } from "../packet/serial.js";
import { encryptedFlag } from "./ciphers/cipher.js";
import { ReplayWindow } from "./replay-window.js";

const rtpWindowPackets = 1024;
const rtcpWindowPackets = 128;

/**
 * The packet index (RFC 3711 section 3.3.1): the one nearest to the highest so far that ends in the sequence number.
 * There is no rollover counter below 0: what would have it is ahead instead, as other implementations take it too.
 * @param highest -1 before the first packet, which is of rollover counter 0
 */
export function packetIndex(highest: number, sequenceNumber: number): number {
  if (highest < 0) return sequenceNumber;
  const nearest = unwrapSequence(highest, sequenceNumber);
  return nearest < 0 ? sequenceNumber : nearest;
}

/** What is kept of an SSRC of ours. */
export class LocalSource {
  #highest = -1;
  #nextRtcp: number;

  /** @param nextRtcp index of the first RTCP packet */
  constructor(nextRtcp = 0) {
    this.#nextRtcp = nextRtcp;
  }

  /** The index to protect an RTP packet with; a sequence number sent before has the index of then. */
  rtpIndex(sequenceNumber: number): number {
    const index = packetIndex(this.#highest, sequenceNumber);
    if (index > this.#highest) this.#highest = index;
    return index;
  }

  /** @throws ConicError `invalid_state` after 2^31 packets: an index never repeats (RFC 3711 section 9.2). */
  rtcpIndex(): number {
    const index = this.#nextRtcp;
    if (index === encryptedFlag) {
      throw new ConicError(
        "invalid_state",
        "the SRTCP keys are used up; connect anew for new ones",
      );
    }
    this.#nextRtcp += 1;
    return index;
  }
}

/** What is kept of an SSRC of the remote. */
export class RemoteSource {
  readonly rtp: ReplayWindow = new ReplayWindow(rtpWindowPackets);
  readonly rtcp: ReplayWindow = new ReplayWindow(rtcpWindowPackets);
}
