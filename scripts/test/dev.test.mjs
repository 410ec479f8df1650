import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createDevLoop } from "../lib/dev-loop.mjs";
import { leftovers } from "../lib/leftovers.mjs";
import { createServerProcess } from "../lib/server-process.mjs";
import { watchTrees } from "../lib/watch.mjs";

const dir = mkdtempSync(path.join(tmpdir(), "conic-dev-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A loop whose builds end when the test says so, and whose time passes when the test says so. */
function harness() {
  /** @type {((good: boolean) => void)[]} */
  const builds = [];
  /** @type {Map<object, () => void>} */
  const timers = new Map();
  const restart = vi.fn(() => Promise.resolve());
  /** @type {string[]} */
  const said = [];
  const loop = createDevLoop({
    build: () => new Promise((resolve) => builds.push(resolve)),
    restart,
    say: (message) => said.push(message),
    schedule: (_delayMs, action) => {
      const key = {};
      timers.set(key, action);
      return () => timers.delete(key);
    },
  });
  return {
    loop,
    restart,
    said,
    builds,
    timers,
    elapse: () => {
      const due = [...timers.values()];
      timers.clear();
      for (const action of due) action();
    },
    finish: async (/** @type {boolean} */ good) => {
      builds.shift()?.(good);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("the development loop", () => {
  it("builds, then starts", async () => {
    const { loop, restart, finish } = harness();
    void loop.start();
    expect(restart).not.toHaveBeenCalled();
    await finish(true);
    expect(restart).toHaveBeenCalledOnce();
  });

  it("makes one build of several changes and says which files changed", async () => {
    const { loop, restart, elapse, finish, builds, timers, said } = harness();
    loop.changed("b.ts");
    loop.changed("a.ts");
    loop.changed("a.ts");
    expect(timers.size).toBe(1);
    elapse();
    expect(builds).toHaveLength(1);
    await finish(true);
    expect(restart).toHaveBeenCalledOnce();
    expect(said).toEqual(["changed: a.ts, b.ts"]);
  });

  it("keeps the old server when a build fails, and starts the next good one", async () => {
    const { loop, restart, elapse, finish, said } = harness();
    loop.changed("a.ts");
    elapse();
    await finish(false);
    expect(restart).not.toHaveBeenCalled();
    expect(said.at(-1)).toMatch(/old server keeps running/);
    loop.changed("a.ts");
    elapse();
    await finish(true);
    expect(restart).toHaveBeenCalledOnce();
  });

  it("builds again, without a restart in between, when a file changes during a build", async () => {
    const { loop, restart, elapse, finish, builds } = harness();
    void loop.start();
    loop.changed("a.ts");
    elapse();
    expect(builds).toHaveLength(1);
    await finish(true);
    expect(restart).not.toHaveBeenCalled();
    expect(builds).toHaveLength(1);
    await finish(true);
    expect(restart).toHaveBeenCalledOnce();
  });

  it("does nothing any more once stopped", async () => {
    const { loop, restart, finish, timers } = harness();
    void loop.start();
    loop.stop();
    loop.changed("a.ts");
    await finish(true);
    expect(restart).not.toHaveBeenCalled();
    expect(timers.size).toBe(0);
  });
});

/** @param {string} name */
const lines = (name) => {
  try {
    return readFileSync(path.join(dir, name), "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
};

describe("the server process", () => {
  /** @type {ReturnType<typeof createServerProcess> | undefined} */
  let server;
  afterEach(() => server?.stop("SIGKILL"));

  /**
   * @param {string} name
   * @param {string} onTerm what the server does on SIGTERM
   * @param {number} [stopTimeoutMs]
   */
  const serve = (name, onTerm, stopTimeoutMs) => {
    const log = JSON.stringify(path.join(dir, name));
    const code = `const note = (t) => require("fs").appendFileSync(${log}, t + "\\n");
      process.on("SIGTERM", () => { ${onTerm} }); setInterval(() => {}, 1000); note("up");`;
    server = createServerProcess({
      command: process.execPath,
      args: ["-e", code],
      say: () => undefined,
      ...(stopTimeoutMs === undefined ? {} : { stopTimeoutMs }),
    });
    return server;
  };

  it("lets the old process finish before the new one starts", async () => {
    const { restart, stop } = serve("graceful", 'note("bye"); process.exit(0);');
    await restart();
    await vi.waitFor(() => expect(lines("graceful")).toEqual(["up"]), { timeout: 10_000 });
    await restart();
    await vi.waitFor(() => expect(lines("graceful")).toEqual(["up", "bye", "up"]), {
      timeout: 10_000,
    });
    await stop();
    expect(lines("graceful")).toEqual(["up", "bye", "up", "bye"]);
  });

  it("kills a process that does not end", async () => {
    const { restart, stop } = serve("stubborn", 'note("no");', 3_000);
    await restart();
    await vi.waitFor(() => expect(lines("stubborn")).toEqual(["up"]), { timeout: 10_000 });
    await stop();
    expect(lines("stubborn")).toEqual(["up", "no"]);
  });
});

describe("watching", () => {
  /** Files that were reported, without their folder. */
  const seen = /** @type {Set<string>} */ (new Set());
  const base = path.join(dir, "watched");
  mkdirSync(path.join(base, "a"), { recursive: true });
  const unwatch = watchTrees([base], (file) => seen.add(path.basename(file)));
  afterAll(unwatch);

  const reported = () => [...seen];
  const patience = { timeout: 10_000 };

  /**
   * Saves as editors do: writes a new file and renames it over the old one.
   * @param {string} file
   */
  const save = (file) => {
    writeFileSync(path.join(dir, "draft"), String(Math.random()));
    renameSync(path.join(dir, "draft"), path.join(base, file));
  };

  it("reports a file each time that it is saved by renaming", async () => {
    for (let i = 0; i < 3; i++) {
      seen.clear();
      save("a/x.ts");
      await expect.poll(reported, patience).toContain("x.ts");
    }
  });

  it("reports what appears in new folders, and folders in those", async () => {
    mkdirSync(path.join(base, "b", "c"), { recursive: true });
    writeFileSync(path.join(base, "b", "c", "y.ts"), "");
    await expect.poll(reported, patience).toContain("y.ts");
    seen.clear();
    save("b/c/y.ts");
    await expect.poll(reported, patience).toContain("y.ts");
  });

  it("goes on when a folder was removed and made again at once", async () => {
    for (let i = 0; i < 3; i++) {
      rmSync(path.join(base, "a"), { recursive: true });
      mkdirSync(path.join(base, "a"));
      await expect.poll(reported, patience).toContain("a");
      seen.clear();
      save("a/z.ts");
      await expect.poll(reported, patience).toContain("z.ts");
      seen.clear();
      save("a/z.ts");
      await expect.poll(reported, patience).toContain("z.ts");
    }
  });
});

describe("clean", () => {
  it("finds what is generated, and packages only when asked", () => {
    const base = path.join(dir, "clean");
    for (const name of ["dist", ".turbo", "coverage", ".cache", "node_modules", "src"]) {
      mkdirSync(path.join(base, name), { recursive: true });
    }
    for (const name of ["a.tsbuildinfo", "package.json"]) writeFileSync(path.join(base, name), "");
    const names = (/** @type {boolean} */ all) =>
      leftovers([base, path.join(dir, "none")], { all })
        .map((file) => path.basename(file))
        .toSorted();
    expect(names(false)).toEqual([".cache", ".turbo", "a.tsbuildinfo", "coverage", "dist"]);
    expect(names(true)).toContain("node_modules");
    expect(names(true)).not.toContain("src");
  });
});
