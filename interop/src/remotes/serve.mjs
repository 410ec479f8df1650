// JSON lines over standard input and output: {call, command} in, {call, result} or {call, error} and events out.
import { createInterface } from "node:readline";

/** @typedef {import("../matrix/links/protocol.js").Command} Command */
/** @typedef {import("../matrix/links/protocol.js").RemoteEvent} RemoteEvent */

/** @param {Readonly<Record<string, unknown>>} line */
function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** @param {RemoteEvent} event */
export function emit(event) {
  say({ ...event });
}

/** @param {(command: Command) => Promise<unknown>} run */
export function serve(run) {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const { call, command } = /** @type {{ call: number, command: Command }} */ (JSON.parse(line));
    run(command).then(
      (result) => say({ call, result: result ?? null }),
      (/** @type {unknown} */ error) => say({ call, error: String(error) }),
    );
  });
  // Whoever started this process is gone. Native handles would keep it alive.
  lines.on("close", () => process.exit(0));
}
