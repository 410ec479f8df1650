import type { RtpPacket } from "../packet/packet.js";
import type { InboundTrack } from "../receive/inbound-track.js";

/** SSRCs that were told by a packet; the oldest is forgotten, and told again by its next. */
const maxLearnt = 256;

interface Mid {
  readonly extensionId: number;
  readonly value: Uint8Array;
}

/** Which receiver a packet is for (RFC 8843 section 9.2). */
export class Demultiplexer {
  readonly #tracks = new Map<InboundTrack, Mid | undefined>();
  readonly #announced = new Map<number, InboundTrack>();
  readonly #learnt = new Map<number, InboundTrack>();

  get tracks(): IterableIterator<InboundTrack> {
    return this.#tracks.keys();
  }

  get learnt(): number {
    return this.#learnt.size;
  }

  /** A receiver is new, or its configuration is. */
  set(track: InboundTrack): void {
    const { mid, ssrcs } = track.config;
    this.#tracks.set(
      track,
      mid && { extensionId: mid.extensionId, value: new TextEncoder().encode(mid.value) },
    );
    this.#forget(this.#announced, track);
    for (const ssrc of ssrcs) this.#announced.set(ssrc, track);
  }

  delete(track: InboundTrack): void {
    this.#tracks.delete(track);
    this.#forget(this.#announced, track);
    this.#forget(this.#learnt, track);
  }

  find(packet: RtpPacket): InboundTrack | undefined {
    const track =
      this.#byMid(packet) ??
      this.#learnt.get(packet.ssrc) ??
      this.#announced.get(packet.ssrc) ??
      this.#byPayloadType(packet);
    return track !== undefined && accepts(track, packet) ? track : undefined;
  }

  #byMid({ extensions, ssrc }: RtpPacket): InboundTrack | undefined {
    if (extensions.size === 0) return undefined;
    for (const [track, mid] of this.#tracks) {
      const value = mid && extensions.get(mid.extensionId);
      if (value === undefined || !isEqual(value, mid?.value)) continue;
      this.#learn(ssrc, track);
      return track;
    }
    return undefined;
  }

  /** The receiver that alone takes this payload type. */
  #byPayloadType(packet: RtpPacket): InboundTrack | undefined {
    let found: InboundTrack | undefined;
    for (const track of this.#tracks.keys()) {
      if (!accepts(track, packet)) continue;
      if (found !== undefined) return undefined;
      found = track;
    }
    if (found !== undefined) this.#learn(packet.ssrc, found);
    return found;
  }

  #learn(ssrc: number, track: InboundTrack): void {
    if (this.#learnt.get(ssrc) === track) return;
    this.#learnt.delete(ssrc);
    this.#learnt.set(ssrc, track);
    if (this.#learnt.size <= maxLearnt) return;
    const [oldest] = this.#learnt.keys();
    if (oldest !== undefined) this.#learnt.delete(oldest);
  }

  #forget(map: Map<number, InboundTrack>, track: InboundTrack): void {
    for (const [ssrc, owner] of map) if (owner === track) map.delete(ssrc);
  }
}

/** Packets of the same SSRC may be of another kind: comfort noise, redundancy. */
function accepts(track: InboundTrack, { payloadType }: RtpPacket): boolean {
  return track.config.payloadTypes.includes(payloadType);
}

function isEqual(a: Uint8Array, b: Uint8Array | undefined): boolean {
  if (a.length !== b?.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
