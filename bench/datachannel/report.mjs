// Tables for people: one of each figure, and the goals.
import { round3 } from "../harness.mjs";
import { reference, subject } from "./measure.mjs";

/** @import { FigureResult, Row } from "./types.js" */

/** @param {number | undefined} value */
const shown = (value) => (value === undefined || Number.isNaN(value) ? "–" : round3(value));

/** @param {FigureResult} result */
export function figureTable({ figure, rows, spread, isVoid }) {
  const table = rows.map((row) => ({
    contender: row.contender,
    [`median, ${figure.unit}`]: shown(row.median),
    min: shown(row.min),
    max: shown(row.max),
    [`ratio to ${figure.reference ?? reference}`]: shown(row.ratio),
    ...Object.fromEntries(Object.entries(row.details).map(([name, value]) => [name, shown(value)])),
    problems: row.problems.length === 0 ? "" : `${row.problems.length} of ${row.outcomes.length}`,
  }));
  const problems = rows.flatMap(({ contender, problems: list }) =>
    [...new Set(list)].map((problem) => `${contender}: ${problem}`),
  );
  const control =
    spread === undefined
      ? []
      : isVoid
        ? [`VOID: the twins differ by ${percent(spread)}: the machine was too noisy`]
        : [`control: the twins differ by ${percent(spread)}`];
  return {
    title: `${figure.key}: ${figure.title} (${figure.better} is better)`,
    rows: table,
    notes: [...control, ...problems],
  };
}

/** @param {number} share */
const percent = (share) => `${(share * 100).toFixed(0)} %`;

/** @typedef {{ name: string, key: string, of: (row: Row) => number, better: "higher" | "lower", least: number, aim: number, unit?: string, also?: { name: string, least: number } }} Goal */

const ratio = (/** @type {Row} */ row) => row.ratio;
const value = (/** @type {Row} */ row) => row.median;

/** @type {readonly Goal[]} */
const goals = [
  {
    name: "16 KiB messages, ratio",
    key: "16KiB",
    of: ratio,
    better: "higher",
    least: 0.9,
    aim: 1.2,
  },
  { name: "1 KiB messages, ratio", key: "1KiB", of: ratio, better: "higher", least: 0.8, aim: 1 },
  { name: "16 B messages, ratio", key: "16B", of: ratio, better: "higher", least: 0.5, aim: 1 },
  {
    name: "10 ms path without loss, ratio",
    key: "10ms",
    of: ratio,
    better: "higher",
    least: 0.7,
    aim: 1,
  },
  {
    name: "50 ms path with 1 % loss, ratio",
    key: "50ms-1%",
    of: ratio,
    better: "higher",
    least: 2,
    aim: 3,
  },
  { name: "round trip p50, ratio", key: "rtt", of: ratio, better: "lower", least: 0.9, aim: 0.7 },
  { name: "set-up", key: "setup", of: value, better: "lower", least: 45, aim: 20, unit: "ms" },
  {
    name: "set-ups within 10 s at 3 % loss",
    key: "lossy-setup",
    of: value,
    better: "higher",
    least: 100,
    aim: 100,
    unit: "%",
    also: { name: "p90", least: 1000 },
  },
  {
    name: "200 MB unwaited: memory above the payload",
    key: "burst",
    of: value,
    better: "lower",
    least: 64,
    aim: 16,
    unit: "MiB",
  },
  {
    name: "memory of an idle connection's end",
    key: "idle",
    of: value,
    better: "lower",
    least: 350,
    aim: 250,
    unit: "KiB",
  },
];

/** @param {Goal} goal @param {number} reached @param {number} bound */
const reaches = ({ better }, reached, bound) =>
  better === "higher" ? reached >= bound : reached <= bound;

/** @param {Goal} goal @param {FigureResult} result @param {Row} row */
function verdict(goal, result, row) {
  if (result.isVoid) return "void";
  const isWhole = row.problems.length === 0;
  const reached = goal.of(row);
  const { also } = goal;
  const isAlso = also === undefined || (row.details[also.name] ?? Number.NaN) < also.least;
  if (isWhole && isAlso && reaches(goal, reached, goal.aim)) return "aim";
  if (isWhole && reaches(goal, reached, goal.least)) return "yes";
  return isWhole ? "no" : "no: see its problems";
}

/** @param {Goal} goal @param {Row | undefined} row */
function cell(goal, row) {
  if (row === undefined) return "–";
  const text = `${shown(goal.of(row))}${goal.unit === undefined ? "" : ` ${goal.unit}`}`;
  const { also } = goal;
  const more = also === undefined ? "" : `, ${also.name} ${shown(row.details[also.name])} ms`;
  return `${text}${more}${row.problems.length === 0 ? "" : " (problems)"}`;
}

/** @param {readonly FigureResult[]} results @param {boolean} isSmoke */
export function goalTable(results, isSmoke) {
  const rows = goals.flatMap((goal) => {
    const result = results.find(({ figure }) => figure.key === goal.key);
    if (result === undefined) return [];
    const of = (/** @type {string} */ name) =>
      result.rows.find(({ contender }) => contender === name);
    const own = of(subject);
    const sign = goal.better === "higher" ? "≥" : "≤";
    const { also } = goal;
    return [
      {
        figure: goal.name,
        "bare werift": cell(goal, of("werift")),
        conic: cell(goal, own),
        "at least": `${sign} ${goal.least}`,
        aim: `${sign} ${goal.aim}${also === undefined ? "" : `, ${also.name} < ${also.least}`}`,
        "met?": isSmoke || own === undefined ? "not measured" : verdict(goal, result, own),
      },
    ];
  });
  return {
    title: "Goals",
    rows,
    notes: [
      `Ratios are to ${reference} in the same run. Crashes are counted by the robustness tests of the packages.`,
      ...(isSmoke
        ? ["A SMOKE: it proves that the benchmark works; its numbers mean nothing."]
        : []),
    ],
  };
}
