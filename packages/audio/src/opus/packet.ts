/** Samples at 48 kHz of one frame, by configuration number (RFC 6716 section 3.1, table 2). */
function frameSamples(config: number): number {
  if (config >= 16) return 120 << (config & 3);
  if (config >= 12) return 480 << (config & 1);
  return [480, 960, 1_920, 2_880][config & 3] ?? 0;
}

/** RFC 6716 section 3.4: no packet holds more than 120 ms. */
const maxPacketSamples = 5_760;

/**
 * Samples of each channel that an Opus packet holds, at 48 kHz.
 * @returns undefined for bytes that no packet begins with: none, no frames, or more than 120 ms of them
 */
export function opusPacketSamples(packet: Uint8Array): number | undefined {
  const [toc, second] = packet;
  if (toc === undefined) return undefined;
  const frames = frameCount(toc, second);
  const samples = frameSamples(toc >> 3) * frames;
  return samples > 0 && samples <= maxPacketSamples ? samples : undefined;
}

/** RFC 6716 section 3.2; 0 for a packet that lacks the count. */
function frameCount(toc: number, second: number | undefined): number {
  const code = toc & 3;
  if (code === 0) return 1;
  if (code === 3) return (second ?? 0) & 0x3f;
  return 2;
}

/**
 * Whether a packet brings a coarse copy of the one before it: whether its first frame has an LBRR frame
 * (RFC 6716 section 4.2.4).
 */
export function hasFecCopy(packet: Uint8Array): boolean {
  const toc = packet[0];
  const header = packet[firstFrameOffset(packet)];
  if (toc === undefined || header === undefined) return false;
  const config = toc >> 3;
  // From 16 on there is no SILK layer, and with it no copy.
  if (config >= 16) return false;
  const silkFrames = config < 12 && (config & 3) > 1 ? config & 3 : 1;
  const stereo = (toc & 4) !== 0;
  // For each channel one voice-activity bit for each SILK frame, then the bit that says it.
  const mid = (header >> (7 - silkFrames)) & 1;
  const side = stereo ? (header >> (6 - 2 * silkFrames)) & 1 : 0;
  return mid === 1 || side === 1;
}

/** RFC 6716 sections 3.2.2 to 3.2.5. */
function firstFrameOffset(packet: Uint8Array): number {
  const code = (packet[0] ?? 0) & 3;
  if (code < 2) return 1;
  if (code === 2) return 1 + lengthBytes(packet[1]);
  const [, count = 0] = packet;
  let at = 2;
  if ((count & 0x40) !== 0) {
    while (packet[at] === 255) at += 1;
    at += 1;
  }
  if ((count & 0x80) === 0) return at;
  for (let frame = 1; frame < (count & 0x3f); frame += 1) at += lengthBytes(packet[at]);
  return at;
}

/** RFC 6716 section 3.2.1: of the length of a frame. */
function lengthBytes(first: number | undefined): number {
  return (first ?? 0) >= 252 ? 2 : 1;
}
