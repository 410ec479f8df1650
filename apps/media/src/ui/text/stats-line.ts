import type { SessionView } from "../../start/session.js";
import type { Flow } from "../../start/stats/flow.js";
import { meter } from "./meter.js";
import { clockTime, count, counted, kilobits, milliseconds } from "./numbers.js";

interface Word {
  readonly text: string;
  /** What is least important is left out first. */
  readonly importance: number;
}

const narrowMeterCells = 10;

/** The line that is refreshed, as much of it as fits. */
export function statsLine(view: SessionView, columns: number = Infinity): string {
  // The last column stays free: some terminals break the line there.
  const room = Math.max(0, columns - 1);
  const full = wordsOf(view);
  if (textOf(full).length <= room) return textOf(full);
  let words = wordsOf(view, narrowMeterCells);
  for (let least = 1; least < 10 && textOf(words).length > room; least += 1) {
    words = words.filter(({ importance }) => importance > least);
  }
  return textOf(words).slice(0, room);
}

function textOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(" ");
}

function wordsOf({ seconds, roundTripMs, flows }: SessionView, meterCells?: number): Word[] {
  const words: Word[] = [{ text: `${clockTime(seconds)} `, importance: 10 }];
  for (const flow of flows) words.push(...flowWords(flow, meterCells));
  if (flows.length === 0) words.push({ text: "nothing yet", importance: 10 });
  if (roundTripMs === undefined) return words;
  return [...words, { text: `round trip ${milliseconds(roundTripMs)}`, importance: 2 }];
}

function flowWords(flow: Flow, meterCells: number | undefined): Word[] {
  const { direction, kind, muted, kbps, packets, lost, repaired, level, arrived, jitterMs } = flow;
  const isVideo = kind === "video";
  const words: (Word | false)[] = [
    { text: `${kind} ${direction === "send" ? "out" : "in"}`, importance: 10 },
    muted && { text: "(muted)", importance: 10 },
    level !== undefined && { text: meter(level, meterCells), importance: 8 },
    { text: kilobits(kbps), importance: 9 },
    isVideo && { text: `${flow.fps.toFixed(1)} fps`, importance: 9 },
    { text: counted(packets, "packet"), importance: 5 },
    { text: `${count(lost)} lost`, importance: 7 },
    {
      text: `${count(repaired)} ${direction === "send" ? "sent again" : "repaired"}`,
      importance: repaired > 0 ? 6 : 1,
    },
    jitterMs !== undefined && { text: `jitter ${milliseconds(jitterMs)}`, importance: 4 },
    isVideo && { text: counted(flow.keyFrames, "key frame"), importance: 3 },
    arrived !== undefined && {
      text: `${counted(arrived.frames, isVideo ? "frame" : "packet")} arrived`,
      importance: 3,
    },
  ];
  return words.filter((word) => word !== false);
}
