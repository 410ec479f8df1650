// Where the rehearsal takes place: one temporary folder, which is gone at the end, however that comes.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root, workspaces } from "../lib/workspace.mjs";
import { strangerEnv } from "./environment.mjs";
import { killDescendants } from "./processes.mjs";

/**
 * @typedef {import("../lib/workspace.mjs").Manifest & { version: string }} Published
 *
 * @typedef {object} Package one that is published
 * @property {string} dir from the root of the clone, such as `packages/hub`
 * @property {Published} manifest as it is in the clone at this moment
 */

/** What the steps hand on to each other. */
export class Scene {
  /** Everything is below this folder. */
  dir = realpathSync(mkdtempSync(path.join(tmpdir(), "conic-rehearsal-")));
  clone = path.join(this.dir, "clone");
  /** Of a shell outside this repository, with this machine's own registry and caches. */
  ownEnv = strangerEnv(process.env, root);
  /** The same with a Node that runs changesets and verdaccio. */
  toolEnv = this.ownEnv;
  /** The same with the local registry, once it runs, and a token for it. */
  publishEnv = this.ownEnv;
  /** Of a stranger: with the local registry, once it runs, and caches that know nothing. */
  env = this.ownEnv;
  /** URL of the local registry; empty before it runs. */
  registry = "";
  /** @type {Record<string, string[]> | undefined} names that each package exports, once they are known */
  exported;
  /** @type {(() => Promise<unknown>)[]} */
  #closers = [];

  constructor() {
    process.env["TMPDIR"] = this.folder("tmp"); // of all that is started, so that killing it leaves nothing
    for (const [signal, code] of /** @type {const} */ ([
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ])) {
      process.once(signal, () => {
        console.error("stopped; removing what there is");
        killDescendants();
        this.#remove();
        process.exit(code);
      });
    }
  }

  /**
   * An empty folder.
   * @param {string} name
   * @returns {string}
   */
  folder(name) {
    const dir = path.join(this.dir, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  }

  /**
   * An empty folder with what `npm init` and `npm pkg set type=module` leave there.
   * @param {string} name
   * @param {"module" | "commonjs"} [type]
   * @returns {string}
   */
  project(name, type = "module") {
    const dir = this.folder(name);
    writeJson(path.join(dir, "package.json"), { name, version: "1.0.0", private: true, type });
    return dir;
  }

  /** @returns {Package[]} those of the clone that are published, as they are at this moment */
  packages() {
    return /** @type {Package[]} */ (
      workspaces(this.clone).filter(({ manifest }) => manifest.private !== true)
    );
  }

  /** @param {() => Promise<unknown>} action for the end, such as stopping a process */
  onClose(action) {
    this.#closers.push(action);
  }

  /** Stops and removes everything. */
  async close() {
    await Promise.allSettled(this.#closers.map((action) => action()));
    this.#remove();
  }

  #remove() {
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/**
 * @param {string} file
 * @param {unknown} value
 */
export function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
