import type { SessionView } from "../../start/session.js";
import type { Flow } from "../../start/stats/flow.js";
import { levelText } from "./meter.js";
import { clockTime, count, kilobits, milliseconds } from "./numbers.js";

type Row = readonly [label: string, value: (flow: Flow) => string];

const rows: readonly Row[] = [
  ["rate", ({ kbps }) => kilobits(kbps)],
  ["target rate", ({ targetKbps }) => (targetKbps === undefined ? "" : kilobits(targetKbps))],
  ["frames a second", ({ kind, fps }) => (kind === "video" ? fps.toFixed(1) : "")],
  ["packets", ({ packets }) => count(packets)],
  ["frames", ({ frames }) => count(frames)],
  ["key frames", ({ kind, keyFrames }) => (kind === "video" ? count(keyFrames) : "")],
  ["lost", ({ lost }) => count(lost)],
  ["sent again", ({ repaired }) => count(repaired)],
  ["asked for again", ({ nacks }) => count(nacks)],
  [
    "key frames asked for",
    ({ kind, keyFrameRequests }) => (kind === "video" ? count(keyFrameRequests) : ""),
  ],
  ["jitter", ({ jitterMs }) => (jitterMs === undefined ? "" : milliseconds(jitterMs))],
  ["level", ({ level }) => (level === undefined ? "" : levelText(level.rms))],
  ["arrived there", ({ arrived }) => (arrived === undefined ? "" : count(arrived.frames))],
  ["muted", ({ muted }) => (muted ? "yes" : "")],
];

/** The table that Enter shows: one column for each thing that is sent or received. */
export function details({ seconds, roundTripMs, flows }: SessionView): string[] {
  const round = roundTripMs === undefined ? "" : `, round trip ${milliseconds(roundTripMs)}`;
  const head = `after ${clockTime(seconds)}${round}`;
  if (flows.length === 0) return [head, "  nothing is sent or received yet"];
  const table = [
    ["", ...flows.map(({ direction, kind }) => `${kind} ${direction === "send" ? "out" : "in"}`)],
    ...rows
      .map(([label, value]) => [label, ...flows.map((flow) => value(flow))])
      .filter(([, ...values]) => values.some((value) => value !== "")),
  ];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  const lines = table.map(([label = "", ...values]) => {
    const cells = values.map((value, index) => value.padStart(widths[index + 1] ?? 0));
    return `  ${[label.padEnd(widths[0] ?? 0), ...cells].join("  ")}`.trimEnd();
  });
  return [head, ...lines];
}
