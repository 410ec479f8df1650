import type { SessionView } from "../../start/session.js";
import type { Flow } from "../../start/stats/flow.js";
import { meter } from "./meter.js";
import { clockTime, count, counted, kilobits, milliseconds } from "./numbers.js";

/** The line that is refreshed, as far as `columns` go: what matters most comes first. */
export function statsLine(view: SessionView, columns: number = Infinity): string {
  const { seconds, roundTripMs, flows } = view;
  const parts = [clockTime(seconds)];
  for (const flow of flows) parts.push(flowText(flow));
  if (flows.length === 0) parts.push("nothing yet");
  if (roundTripMs !== undefined) parts.push(`round trip ${milliseconds(roundTripMs)}`);
  const text = parts.join("  ");
  // The last column stays free: some terminals break the line there.
  return text.length < columns ? text : text.slice(0, Math.max(0, columns - 1));
}

function flowText(flow: Flow): string {
  const { direction, kind, muted, kbps, packets, lost } = flow;
  const words = [`${direction === "send" ? "sending" : "receiving"} ${kind}`];
  if (muted) words.push("(muted)");
  if (flow.level !== undefined) words.push(meter(flow.level));
  words.push(kilobits(kbps));
  if (kind === "video") words.push(`${flow.fps.toFixed(1)} fps`);
  words.push(counted(packets, "packet"), `${count(lost)} lost`);
  words.push(...(direction === "send" ? sendWords(flow) : receiveWords(flow)));
  if (kind === "video") words.push(counted(flow.keyFrames, "key frame"));
  return words.join(" ");
}

function sendWords({ repaired, arrived, kind }: Flow): string[] {
  const unit = kind === "video" ? "frame" : "packet";
  const there = arrived === undefined ? [] : [`${counted(arrived.frames, unit)} arrived`];
  return [`${count(repaired)} sent again`, ...there];
}

function receiveWords({ repaired, jitterMs }: Flow): string[] {
  return [`${count(repaired)} repaired`, `jitter ${milliseconds(jitterMs ?? 0)}`];
}
