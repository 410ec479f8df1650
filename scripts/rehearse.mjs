// `pnpm release:rehearse`: a release from a clean clone of HEAD to a registry on the loopback, and strangers who install it.
// Nothing outside a temporary folder is changed. The last line is `N passed, N failed`.
import { closing, line, total } from "./lib/summary.mjs";
import { chat, commands } from "./rehearse/chat.mjs";
import { StepFailure } from "./rehearse/command.mjs";
import { compile, installAll, load, update } from "./rehearse/install.mjs";
import { bundleAndRun } from "./rehearse/page.mjs";
import {
  build,
  cloneHead,
  findToolNode,
  publish,
  publishAgain,
  versionPackages,
} from "./rehearse/publish.mjs";
import { startRegistry } from "./rehearse/registry.mjs";
import { Scene } from "./rehearse/scene.mjs";
import { strangerChat, strangerExpress } from "./rehearse/stranger.mjs";

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} [needs] default: all steps that others need
 * @property {(scene: Scene) => Promise<string | void>} run resolves with a remark
 */

/** @type {Step[]} */
const steps = [
  { name: "clone", needs: [], run: cloneHead },
  { name: "node", needs: [], run: findToolNode },
  { name: "registry", needs: ["node"], run: startRegistry },
  { name: "version", needs: ["clone", "node"], run: versionPackages },
  { name: "build", needs: ["version"], run: build },
  { name: "publish", needs: ["build", "registry"], run: publish },
  { name: "npm", needs: ["publish"], run: (scene) => installAll(scene, "npm") },
  { name: "pnpm", needs: ["publish"], run: (scene) => installAll(scene, "pnpm") },
  { name: "esm", needs: ["npm", "pnpm"], run: (scene) => load(scene, "esm") },
  { name: "cjs", needs: ["esm"], run: (scene) => load(scene, "cjs") },
  { name: "nodenext", needs: ["npm", "pnpm"], run: (scene) => compile(scene, "nodenext") },
  { name: "bundler", needs: ["npm", "pnpm"], run: (scene) => compile(scene, "bundler") },
  { name: "commands", needs: ["pnpm"], run: commands },
  { name: "chat", needs: ["npm"], run: chat },
  { name: "browser", needs: ["publish"], run: bundleAndRun },
  { name: "stranger-chat", needs: ["publish"], run: strangerChat },
  { name: "stranger-app", needs: ["npm"], run: strangerExpress },
  { name: "second", needs: ["publish"], run: publishAgain },
  { name: "npm-update", needs: ["npm", "second"], run: (scene) => update(scene, "npm") },
  { name: "pnpm-update", needs: ["pnpm", "second"], run: (scene) => update(scene, "pnpm") },
];

/**
 * @param {Step} step
 * @param {Scene} scene
 * @param {ReadonlySet<string>} passed
 */
async function perform({ name, needs = [], run }, scene, passed) {
  const missing = needs.filter((need) => !passed.has(need));
  const started = performance.now();
  const result = (/** @type {boolean} */ ok, /** @type {string | void} */ note) => ({
    name,
    ms: performance.now() - started,
    count: { passed: Number(ok), failed: Number(!ok) },
    ...(note ? { note } : {}),
  });
  if (missing.length > 0) {
    console.log(line(result(false, `not run: it needs ${missing.join(", ")}`)));
    return result(false);
  }
  try {
    const note = await run(scene);
    const done = result(true, note);
    console.log(line(done));
    return done;
  } catch (error) {
    const failed = result(false, error instanceof StepFailure ? error.message : String(error));
    console.log(line(failed));
    console.log(error instanceof StepFailure ? error.output.trimEnd() : error);
    return failed;
  }
}

const scene = new Scene();
/** @type {Set<string>} */
const passed = new Set();
const results = [];
try {
  for (const step of steps) {
    const result = await perform(step, scene, passed);
    results.push(result);
    if (result.count.failed === 0) passed.add(step.name);
  }
} finally {
  await scene.close();
}
const sum = total(results.map(({ count }) => count));
process.exitCode = sum.failed === 0 ? 0 : 1;
console.log(closing(sum));
