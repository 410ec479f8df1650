// From a clean clone to packages on the local registry, with the commands that CI releases with.
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { root } from "../lib/workspace.mjs";
import { must, StepFailure } from "./command.mjs";
import { runsTools } from "./environment.mjs";
import { published } from "./registry.mjs";
import {
  changelogProblems,
  formatChangeset,
  parseChangeset,
  versionProblems,
  withDependents,
} from "./versions.mjs";

/** @typedef {import("./scene.mjs").Scene} Scene */

const quiet = { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };

/**
 * Throws when there are problems.
 * @param {string} what
 * @param {readonly string[]} problems
 */
export function refuse(what, problems) {
  if (problems.length > 0) throw new StepFailure(what, problems.join("\n"));
}

/**
 * HEAD of the working tree, as a stranger gets it, with its dependencies.
 * @param {Scene} scene
 */
export async function cloneHead(scene) {
  await must("git", ["clone", "--quiet", root, scene.clone], { env: scene.ownEnv });
  const options = { cwd: scene.clone, env: scene.ownEnv };
  await must("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], options);
  const head = await must("git", ["log", "-1", "--format=%h %s"], options);
  const changed = await must("git", ["status", "--porcelain"], { cwd: root });
  return `${head.trim()}${changed === "" ? "" : "; what is not committed is not rehearsed"}`;
}

/**
 * A Node for changesets and verdaccio, which do not run on all those that Conic runs on.
 * @param {Scene} scene
 */
export async function findToolNode(scene) {
  if (runsTools(process.versions.node)) return `Node ${process.versions.node}`;
  const script = "process.stdout.write(`\\n${process.execPath} ${process.versions.node}`)";
  const args = ["-y", "-p", "node@24", "node", "-e", script];
  const said = await must("npx", args, { cwd: scene.dir, env: scene.ownEnv });
  const [, program, version = ""] = /^(\S+) (\d\S*)$/m.exec(said) ?? [];
  if (program === undefined || !runsTools(version)) throw new StepFailure("no Node 24", said);
  const PATH = [path.dirname(program), scene.ownEnv["PATH"]].join(path.delimiter);
  scene.toolEnv = { ...scene.toolEnv, PATH };
  return `Node ${version} for changesets and verdaccio, ${process.versions.node} for all others`;
}

/**
 * `changeset version`, and what it wrote.
 * @param {Scene} scene
 */
export async function versionPackages(scene) {
  const before = versions(scene);
  if (pending(scene).length === 0) {
    const bumps = new Map([...before.keys()].map((name) => [name, /** @type {const} */ ("patch")]));
    addChangeset(scene, { bumps, summary: "Released to see that releasing works." });
  }
  const changesets = pending(scene);
  await must("pnpm", ["version-packages"], {
    cwd: scene.clone,
    env: { ...scene.toolEnv, ...quiet },
  });
  const after = versions(scene);
  const changed = scene
    .packages()
    .filter(({ manifest: { name } }) => before.get(name) !== after.get(name));
  refuse("changeset version has not done what it should", [
    ...versionProblems({ changesets, before, after }),
    ...changed.flatMap(({ dir, manifest }) => {
      const file = path.join(scene.clone, dir, "CHANGELOG.md");
      const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
      return changelogProblems({ ...manifest, changesets, text });
    }),
    ...pending(scene).map(({ summary }) => `a changeset is left: ${summary}`),
  ]);
  await commit(scene, "Version Packages");
  const numbers = [...new Set(changed.map(({ manifest }) => manifest.version))];
  return `${changed.length} packages at ${numbers.join(", ")}, with changelogs`;
}

/** @param {Scene} scene */
export async function build(scene) {
  const args = ["exec", "turbo", "run", "build", "--output-logs=errors-only"];
  const env = { ...scene.ownEnv, ...quiet };
  await must("pnpm", args, { cwd: scene.clone, env, timeoutMs: 900_000 });
}

/**
 * Packs and publishes whatever the registry lacks, as `changesets/action` does in release.yml.
 * @param {Scene} scene
 */
export async function publish(scene) {
  const packed = scene.folder("packed");
  const options = { cwd: scene.clone, env: scene.publishEnv };
  await must("pnpm", ["exec", "changeset", "pack", "--out-dir", packed], options);
  const args = ["exec", "changeset", "publish", "--from-pack-dir", packed, "--no-git-tag"];
  await must("pnpm", args, options);
  const tarballs = readdirSync(path.join(packed, "packages")).length;
  rmSync(packed, { recursive: true });
  const problems = scene.packages().map(async ({ manifest: { name, version: wanted } }) => {
    const { versions: all, "dist-tags": tags } = await published(scene, name);
    const manifest = JSON.stringify(all[wanted] ?? {});
    return [
      ...(all[wanted] === undefined ? [`${name}@${wanted} is not on the registry`] : []),
      ...(tags["latest"] === wanted ? [] : [`the latest ${name} is ${tags["latest"]}`]),
      ...(/workspace:|catalog:/.test(manifest) ? [`${name} depends on a workspace`] : []),
    ];
  });
  refuse("not everything was published", (await Promise.all(problems)).flat());
  return `${tarballs} packages`;
}

/** What a later version of this package exports, so that an install of it can be told from the first. */
export const marked = { name: "@conic/hub", mark: "rehearsedAgain" };

/**
 * A change of one package, a changeset for it and what depends on it, and all of the above again.
 * @param {Scene} scene
 */
export async function publishAgain(scene) {
  const changed = scene.packages().find(({ manifest }) => manifest.name === marked.name);
  if (changed === undefined) throw new StepFailure(`there is no ${marked.name}`);
  const index = path.join(scene.clone, changed.dir, "src", "index.ts");
  appendFileSync(index, `\nexport const ${marked.mark}: boolean = true;\n`);
  const names = withDependents(marked.name, manifestsOf(scene));
  const bumps = new Map(names.map((name) => [name, /** @type {const} */ ("patch")]));
  addChangeset(scene, { bumps, summary: "A second version, to see that installs pick it up." });
  await commit(scene, "feat: something new");
  const before = versions(scene);
  await versionPackages(scene);
  await build(scene);
  await publish(scene);
  const after = versions(scene);
  const released = [...after].filter(([name, now]) => before.get(name) !== now);
  const others = released.map(([name]) => name).filter((name) => !names.includes(name));
  refuse("other packages than those of the changeset were released", others);
  return released.map(([name, now]) => `${name.replace("@conic/", "")} ${now}`).join(", ");
}

/** @param {Scene} scene */
function manifestsOf(scene) {
  return scene.packages().map(({ manifest }) => manifest);
}

/** @param {Scene} scene */
function versions(scene) {
  return new Map(manifestsOf(scene).map(({ name, version }) => [name, version]));
}

/** @param {Scene} scene */
function pending({ clone }) {
  const dir = path.join(clone, ".changeset");
  return readdirSync(dir)
    .filter((file) => file.endsWith(".md") && file !== "README.md")
    .map((file) => parseChangeset(readFileSync(path.join(dir, file), "utf8")));
}

/**
 * @param {Scene} scene
 * @param {import("./versions.mjs").Changeset} changeset
 */
function addChangeset({ clone }, changeset) {
  writeFileSync(path.join(clone, ".changeset", "rehearsal.md"), formatChangeset(changeset));
}

/**
 * In the clone, which nobody pushes.
 * @param {Scene} scene
 * @param {string} message
 */
async function commit({ clone, env }, message) {
  const settings = [
    "user.name=Rehearsal",
    "user.email=rehearsal@localhost",
    "commit.gpgsign=false",
  ];
  const config = settings.flatMap((setting) => ["-c", setting]);
  await must("git", ["add", "--all"], { cwd: clone, env });
  await must("git", [...config, "commit", "--quiet", "--no-verify", "-m", message], {
    cwd: clone,
    env,
  });
}
