/**
 * Samples at 48 kHz that an Opus packet lasts: 120 to 5,760. Undefined when the packet breaks RFC 6716 section 3.4.
 * The payload of RTP is the packet itself (RFC 7587 section 4.2).
 */
export function opusPacketDuration(packet: Uint8Array): number | undefined {
  if (packet.length === 0) return undefined;
  const toc = packet[0] as number;
  const frame = frameSamples(toc >> 3);
  const count = frameCount(packet, toc & 3);
  if (count === undefined) return undefined;
  const samples = frame * count;
  return samples <= maxPacketSamples ? samples : undefined;
}

const maxPacketSamples = 5760;
/** RFC 6716 section 3.4 [R2]. */
const maxFrameBytes = 1275;

/** RFC 6716 section 3.1, table 2. */
function frameSamples(config: number): number {
  if (config >= 16) return 120 << (config & 3);
  if (config >= 12) return 480 << (config & 1);
  return (config & 3) === 3 ? 2880 : 480 << (config & 3);
}

/** RFC 6716 section 3.2.1: the length of a frame, and in how many bytes it is written. */
interface FrameLength {
  readonly bytes: number;
  readonly written: number;
}

function frameLength(packet: Uint8Array, at: number, end: number): FrameLength | undefined {
  if (at >= end) return undefined;
  const first = packet[at] as number;
  if (first < 252) return { bytes: first, written: 1 };
  if (at + 1 >= end) return undefined;
  return { bytes: 4 * (packet[at + 1] as number) + first, written: 2 };
}

function frameCount(packet: Uint8Array, code: number): number | undefined {
  const rest = packet.length - 1;
  if (code === 0) return rest <= maxFrameBytes ? 1 : undefined;
  if (code === 1) return rest % 2 === 0 && rest / 2 <= maxFrameBytes ? 2 : undefined;
  if (code === 3) return signalledCount(packet);
  const first = frameLength(packet, 1, packet.length);
  if (first === undefined) return undefined;
  const second = rest - first.written - first.bytes;
  return second >= 0 && second <= maxFrameBytes ? 2 : undefined;
}

/** Code 3 (RFC 6716 section 3.2.5): a count, padding, and lengths where the frames differ. */
function signalledCount(packet: Uint8Array): number | undefined {
  if (packet.length < 2) return undefined;
  const flags = packet[1] as number;
  const count = flags & 0x3f;
  if (count === 0) return undefined;
  let at = 2;
  let end = packet.length;
  if ((flags & 0x40) !== 0) {
    let more = 255;
    while (more === 255) {
      if (at >= end) return undefined;
      more = packet[at] as number;
      at += 1;
      end -= more === 255 ? 254 : more;
    }
  }
  const fits = (flags & 0x80) === 0 ? equalFrames : differentFrames;
  return fits(packet, at, end, count) ? count : undefined;
}

function equalFrames(_packet: Uint8Array, at: number, end: number, count: number): boolean {
  const bytes = end - at;
  return bytes >= 0 && bytes % count === 0 && bytes / count <= maxFrameBytes;
}

function differentFrames(packet: Uint8Array, from: number, end: number, count: number): boolean {
  let at = from;
  let total = 0;
  for (let frame = 1; frame < count; frame += 1) {
    const length = frameLength(packet, at, end);
    if (length === undefined) return false;
    at += length.written;
    total += length.bytes;
  }
  const last = end - at - total;
  return last >= 0 && last <= maxFrameBytes;
}
