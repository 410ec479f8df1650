import type { OrderSummary, ReceivedTotals, SentTotals, Totals } from "../../start/events.js";
import type { MediaKind } from "../../sinks/recorder.js";
import { count, counted, decimal, kilobits } from "./numbers.js";

const units = { audio: "packet", video: "frame" } as const;
const maxShownRanges = 10;

/** What a call came to, a line for each kind and direction. */
export function summary({ sent, received }: Totals): string[] {
  const lines: string[] = [];
  for (const kind of ["audio", "video"] as const) {
    const [out, came] = [sent[kind], received[kind]];
    if (out !== undefined) lines.push(sentLine(kind, out));
    if (came !== undefined) lines.push(receivedLine(kind, came));
  }
  return lines;
}

function sentLine(kind: MediaKind, totals: SentTotals): string {
  const { frames, seconds, bytes, resent, skipped, lost, keyFrames } = totals;
  const parts = [`sent ${kind}: ${counted(frames, units[kind])}`, ...amount(seconds, bytes)];
  if (kind === "video") parts.push(counted(keyFrames, "key frame"));
  if (resent > 0) parts.push(`${counted(resent, "packet")} sent again`);
  if (skipped > 0) parts.push(`${counted(skipped, "frame")} left out: the machine was too slow`);
  if (lost !== undefined) parts.push(`${count(lost)} lost`);
  return parts.join(", ");
}

function receivedLine(kind: MediaKind, totals: ReceivedTotals): string {
  const { frames, seconds, bytes, keyFrames, lost, repaired, order } = totals;
  const parts = [`received ${kind}: ${counted(frames, units[kind])}`, ...amount(seconds, bytes)];
  if (kind === "video") parts.push(counted(keyFrames, "key frame"));
  parts.push(`${count(lost)} lost`, `${count(repaired)} repaired`);
  const checked = order === undefined ? "" : `; ${orderText(order)}`;
  return `${parts.join(", ")}${checked}`;
}

function amount(seconds: number, bytes: number): string[] {
  const rate = seconds > 0 ? [kilobits((bytes * 8) / seconds / 1000)] : [];
  return [`${decimal(seconds)} s`, ...rate];
}

/** `frames 0–899 in order, 0 missing`. */
export function orderText(order: OrderSummary): string {
  const { first, last, missing, missingCount, outOfOrder, unread, broken } = order;
  const extra = [
    ...(unread > 0 ? [`${counted(unread, "frame")} without a counter`] : []),
    ...(broken > 0 ? [`${counted(broken, "frame")} that cannot be decoded`] : []),
  ];
  if (first === undefined || last === undefined) {
    return ["no frame with a counter", ...extra].join(", ");
  }
  const sequence = outOfOrder === 0 ? "in order" : `${count(outOfOrder)} out of order`;
  const shown = missing.slice(0, maxShownRanges).map(([from, to]) => range(from, to));
  if (missing.length > maxShownRanges) shown.push("...");
  const which = shown.length === 0 ? "" : ` (${shown.join(", ")})`;
  const parts = [`frames ${range(first, last)} ${sequence}`, `${missingCount} missing${which}`];
  return [...parts, ...extra].join(", ");
}

function range(from: number, to: number): string {
  return from === to ? String(from) : `${from}–${to}`;
}
