import { faultOf, type Fault, type Implementation } from "./implementations.js";
import { rows, type RowName } from "./rows/index.js";
import type { Role } from "./scene.js";

function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...rest] = lines;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join("\n");
}

/** The matrix as README.md shows it: what is expected of each implementation, and the reasons by number. */
export function matrixMarkdown(implementations: readonly Implementation[]): string {
  const reasons: Fault[] = [];
  const mark = (implementation: Implementation, row: RowName, role: Role): string => {
    const fault = faultOf(implementation, row, role);
    if (fault === undefined) return "ok";
    if (!reasons.includes(fault)) reasons.push(fault);
    return `${fault.shows === undefined ? "none" : "no"} (${reasons.indexOf(fault) + 1})`;
  };
  const cell = (implementation: Implementation, row: RowName): string => {
    const weOffer = mark(implementation, row, "we offer");
    const theyOffer = mark(implementation, row, "they offer");
    return weOffer === theyOffer ? weOffer : `${weOffer} / ${theyOffer}`;
  };
  const lines = (Object.keys(rows) as RowName[]).map((row) => [
    row,
    ...implementations.map((implementation) => cell(implementation, row)),
  ]);
  const head = ["", ...implementations.map(({ name }) => name)];
  const notes = reasons.map(({ reason }, i) => `${i + 1}. ${reason}`);
  return [table([head, ...lines]), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}
