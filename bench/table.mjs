/**
 * A table in Markdown, so that results can be pasted into documents.
 *
 * @param {readonly Record<string, string | number>[]} rows
 */
export function table(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  const widths = names.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const lines = cells.map((line) => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | "));
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join(" | "));
  return lines.map((line) => `| ${line} |`).join("\n");
}
