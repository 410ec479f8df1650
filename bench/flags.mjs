// What the flags of the benchmarks have in common.
import { quick } from "./harness.mjs";

/**
 * The names of a flag's list; all choices, when it is not there.
 *
 * @param {string} flag @param {string | undefined} list @param {readonly string[]} choices
 */
export function choose(flag, list, choices) {
  const chosen = list?.split(",") ?? choices;
  const unknown = chosen.filter((name) => !choices.includes(name));
  if (unknown.length === 0) return chosen;
  throw new Error(
    `--${flag}: there is no ${unknown.join(", ")}; choose from ${choices.join(", ")}`,
  );
}

/** `--rounds`; of a smoke, one. @param {string | undefined} text */
export function roundsOf(text) {
  const rounds = quick ? 1 : Number(text ?? 5);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new Error("--rounds: a whole number, 1 or more");
}

/**
 * What `read` makes of the flags; undefined when they are wrong, which is said, and makes the exit code 2.
 *
 * @template T
 * @param {(args: readonly string[]) => T} read @param {readonly string[]} args
 */
export function tryRead(read, args) {
  try {
    return read(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return undefined;
  }
}
