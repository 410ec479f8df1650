// pnpm bench [name …] [--flag=value …]: all benchmarks, or those named, which are given the flags.
// CONIC_BENCH_QUICK=1 makes a short run that proves only that they work.
import { availableParallelism, cpus } from "node:os";
import { table } from "./table.mjs";

const modules = ["decode", "start", "signal", "datachannel", "media", "wav"];
const flags = process.argv.slice(2).filter((arg) => /^--./.test(arg));
const asked = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const unknown = asked.filter((name) => !modules.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `there is no benchmark ${unknown.join(", ")}: choose from ${modules.join(", ")}\n`,
  );
  process.exit(2);
}

/** @param {{ title: string, rows: Record<string, string | number>[], notes?: readonly string[] }} result */
function report({ title, rows, notes = [] }) {
  process.stdout.write(`\n## ${title}\n`);
  process.stdout.write(`${table(rows)}\n`);
  for (const note of notes) process.stdout.write(`${note}\n`);
}

process.stdout.write(
  `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}\n`,
);
for (const name of asked.length > 0 ? asked : modules) {
  const module =
    /** @type {{ run: (context: { report: typeof report, args: readonly string[] }) => Promise<void> }} */ (
      await import(`./${name}.mjs`)
    );
  await module.run({ report, args: flags });
}
