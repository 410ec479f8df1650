// The commands as a user runs them: a server, and two who chat through it.
import { must, Running, StepFailure } from "./command.mjs";

/** @typedef {import("./scene.mjs").Scene} Scene */

/**
 * Starts the signaling server of a folder.
 * @param {Scene} scene
 * @param {string} cwd
 * @returns {Promise<{ server: Running, url: string }>}
 */
export async function startSignal({ env }, cwd) {
  const server = new Running("npx", ["@conic/signal", "--port=0"], { cwd, env });
  const [, url = ""] = await server.says(/^Conic signaling server on (\S+)$/m);
  return { server, url };
}

/** @param {Scene} scene */
export async function chat(scene) {
  const cwd = `${scene.dir}/npm`;
  const { env } = scene;
  const { server, url } = await startSignal(scene, cwd);
  const command = ["@conic/datachannel", "--json", `--addr=${url}`];
  const bob = new Running("npx", [...command, "--role=answer", "--id=bob"], { cwd, env });
  const programs = [server, bob];
  try {
    await bob.says(/"event":"registered"/);
    const alice = new Running("npx", [...command, "--id=alice", "--target=bob"], { cwd, env });
    programs.push(alice);
    const [, path] = await alice.says(/"event":"connected".*"path":"(\w+)"/);
    alice.write("hello bob\n");
    await bob.says(/"event":"message".*"text":"hello bob"/);
    bob.write("hello alice\n");
    await alice.says(/"event":"message".*"text":"hello alice"/);
    alice.end();
    const code = await alice.exit();
    if (code !== 0) throw new StepFailure(`datachannel ended with code ${code}`);
    await bob.says(/"event":"left".*"clean":true/);
    return `the path was ${path}`;
  } finally {
    await Promise.allSettled(programs.map((program) => program.stop()));
  }
}

/**
 * The commands of the folder that pnpm filled.
 * @param {Scene} scene
 */
export async function commands({ dir, env }) {
  const cwd = `${dir}/pnpm`;
  for (const name of ["conic-signal", "conic-datachannel", "conic-media"]) {
    const said = await must("pnpm", ["exec", name, "--help"], { cwd, env, timeoutMs: 60_000 });
    if (!said.includes(`Usage: ${name}`)) throw new StepFailure(`${name} shows no help`, said);
  }
}
