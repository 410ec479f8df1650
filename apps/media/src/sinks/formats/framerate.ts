/** Frames a second that `timestamps`, in µs, come at: a whole number, which is what cameras and files are set to. */
export function estimateFramerate(timestamps: readonly number[]): number {
  const intervals = timestamps.slice(1).map((time, index) => time - (timestamps[index] ?? 0));
  const median = intervals.toSorted((a, b) => a - b)[intervals.length >> 1];
  if (median === undefined || median <= 0) return usualFramerate;
  // A lost frame or a stall says nothing about the rate; that some cameras count whole milliseconds evens out.
  const usual = intervals.filter((interval) => Math.abs(interval / median - 1) < 0.25);
  const mean = usual.reduce((sum, interval) => sum + interval, 0) / usual.length;
  return Math.min(Math.max(Math.round(1_000_000 / mean), 1), mostFramerate);
}

const usualFramerate = 30;
const mostFramerate = 120;
