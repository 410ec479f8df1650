import type { ReceivedChunk } from "@conic/domain";
import { vp8Frame } from "./ivf.js";
import { received } from "./received.js";

/** Frames of 320x240 at a rate; those whose number is in `keys` are key frames. */
export function receivedVideo(
  count: number,
  rate = 30,
  { keys = [0], arrivalMs = 0 }: { keys?: readonly number[]; arrivalMs?: number } = {},
): ReceivedChunk[] {
  return Array.from({ length: count }, (_, n) => {
    const isKey = keys.includes(n);
    const timestamp = Math.round((n * 1e6) / rate);
    const data = vp8Frame(isKey, 50 + n, 320, 240);
    const chunk = { type: isKey ? "key" : "delta", timestamp, duration: 0, data } as const;
    return received(chunk, { clockRate: 90_000, rtpStart: 77_777, arrivalMs });
  });
}
