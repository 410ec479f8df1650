import { describe, expect, it } from "vitest";
import { registrySettings, runsTools, strangerEnv } from "../rehearse/environment.mjs";
import { bundleProblems } from "../rehearse/page.mjs";
import { descendants } from "../rehearse/processes.mjs";
import { verdaccioConfig } from "../rehearse/registry.mjs";
import { typeConfig, typeSources, valueSources } from "../rehearse/sources.mjs";
import { codeLines } from "../rehearse/stranger.mjs";
import {
  bumped,
  changelogProblems,
  formatChangeset,
  parseChangeset,
  staleProgramProblems,
  versionProblems,
  withDependents,
} from "../rehearse/versions.mjs";

/** @typedef {import("../rehearse/versions.mjs").Changeset} Changeset */

describe("the environment of a stranger", () => {
  it("takes away what pnpm and this machine's settings say, and the programs of this repository", () => {
    const env = strangerEnv(
      {
        HOME: "/home/me",
        npm_config_registry: "http://elsewhere/",
        NPM_CONFIG_USERCONFIG: "/home/me/.npmrc",
        pnpm_config_store_dir: "/store",
        NODE_OPTIONS: "--conditions=@conic/source",
        INIT_CWD: "/repo",
        PATH: "/repo/node_modules/.bin:/usr/bin:/repo:/repository/bin",
      },
      "/repo",
    );
    expect(env["PATH"]).toBe("/usr/bin:/repository/bin");
    const removed = Object.keys(env).filter((name) => env[name] === undefined);
    expect(removed.toSorted()).toEqual([
      "INIT_CWD",
      "NODE_OPTIONS",
      "NPM_CONFIG_USERCONFIG",
      "npm_config_registry",
      "pnpm_config_store_dir",
    ]);
    expect(env).not.toHaveProperty("HOME");
  });

  it("has a token where it publishes, and none where it installs", () => {
    const places = {
      userconfig: "/t/npmrc",
      registry: "http://127.0.0.1:4000/",
      cache: "/t/caches",
    };
    const publisher = registrySettings({ ...places, token: "secret" });
    expect(publisher.npmrc.split("\n").slice(0, 2)).toEqual([
      "registry=http://127.0.0.1:4000/",
      "//127.0.0.1:4000/:_authToken=secret",
    ]);
    const { npmrc, env } = registrySettings(places);
    expect(npmrc).not.toContain("_authToken");
    expect(env["NPM_CONFIG_USERCONFIG"]).toBe("/t/npmrc");
    expect([env["npm_config_registry"], env["pnpm_config_registry"]]).toEqual([
      places.registry,
      places.registry,
    ]);
  });

  it.each([
    ["20.20.2", false],
    ["21.7.0", false],
    ["22.0.0", true],
    ["24.1.0", true],
  ])("runs changesets and verdaccio on Node %s: %s", (version, expected) => {
    expect(runsTools(version)).toBe(expected);
  });
});

describe("the local registry", () => {
  const config = /** @type {Record<string, Record<string, Record<string, unknown>>>} */ (
    JSON.parse(verdaccioConfig("https://registry.example.net/"))
  );

  it("asks nobody else for @conic packages, and takes them only with a token", () => {
    expect(config["packages"]?.["@conic/*"]).toEqual({ access: "$all", publish: "$authenticated" });
  });

  it("asks the registry of this machine for all others, and takes none", () => {
    expect(config["uplinks"]?.["npm"]?.["url"]).toBe("https://registry.example.net/");
    expect(config["packages"]?.["**"]).toEqual({ access: "$all", proxy: "npm" });
  });
});

describe("processes", () => {
  it("finds children of children, and nobody else's", () => {
    const table = "    1     0\n   10     1\n   11    10\n   12    11\n   13     1\n  110    12\n";
    expect(descendants(table, 10)).toEqual([11, 12, 110]);
    expect(descendants(table, 110)).toEqual([]);
  });
});

const text = '---\n"@conic/hub": minor\n"@conic/server": patch\n---\n\nA hub forgets nobody.\n';
const changesets = [parseChangeset(text)];

/** @param {string | undefined} log */
const problems = (log) =>
  changelogProblems({ name: "@conic/hub", version: "0.1.0", changesets, text: log });

describe("versions", () => {
  it("reads and writes changesets", () => {
    const [changeset] = /** @type {[Changeset]} */ (changesets);
    expect([...changeset.bumps]).toEqual([
      ["@conic/hub", "minor"],
      ["@conic/server", "patch"],
    ]);
    expect(changeset.summary).toBe("A hub forgets nobody.");
    expect(formatChangeset(changeset)).toBe(text);
  });

  it("takes the largest step", () => {
    expect(bumped("0.0.0", ["minor"])).toBe("0.1.0");
    expect(bumped("1.2.3", ["patch", "minor"])).toBe("1.3.0");
    expect(bumped("1.2.3", ["patch"])).toBe("1.2.4");
    expect(bumped("1.2.3", ["minor", "major"])).toBe("2.0.0");
    expect(bumped("1.2.3", [])).toBe("1.2.3");
  });

  it("accepts what changesets ask for, and a patch of what depends on it", () => {
    const before = new Map([
      ["@conic/hub", "0.0.0"],
      ["@conic/server", "0.1.0"],
      ["@conic/signal", "0.1.0"],
      ["@conic/audio", "0.1.0"],
    ]);
    const after = new Map([
      ["@conic/hub", "0.1.0"],
      ["@conic/server", "0.1.1"],
      ["@conic/signal", "0.1.1"],
      ["@conic/audio", "0.1.0"],
    ]);
    expect(versionProblems({ changesets, before, after })).toEqual([]);
    const wrong = new Map([...after, ["@conic/hub", "0.0.1"], ["@conic/audio", "0.2.0"]]);
    wrong.delete("@conic/server");
    expect(versionProblems({ changesets, before, after: wrong })).toEqual([
      "@conic/hub is 0.0.1 after 0.0.0, not 0.1.0",
      "@conic/server is none after 0.1.0, not 0.1.1",
      "@conic/audio is 0.2.0 after 0.1.0, not 0.1.0 or 0.1.1",
    ]);
  });

  const manifests = [
    {
      name: "tool",
      version: "0.1.0",
      bin: "./main.js",
      devDependencies: { server: "workspace:^" },
    },
    { name: "server", version: "0.1.0", dependencies: { hub: "^0.1.0" } },
    { name: "hub", version: "0.1.0" },
    { name: "audio", version: "0.1.0", devDependencies: { hub: "workspace:^" } },
  ];

  it("finds whatever depends on a package, through others too, and programs that hold it", () => {
    expect(withDependents("hub", manifests)).toEqual(["hub", "server", "tool"]);
    expect(withDependents("audio", manifests)).toEqual(["audio"]);
  });

  it("finds programs that would go on holding an old library", () => {
    const before = new Map(manifests.map(({ name, version }) => [name, version]));
    const after = new Map([...before, ["hub", "0.1.1"]]);
    expect(staleProgramProblems({ before, after, manifests })).toEqual([
      "tool would still hold the old hub: name it in the changeset too",
    ]);
    after.set("tool", "0.1.1");
    expect(staleProgramProblems({ before, after, manifests })).toEqual([]);
    expect(staleProgramProblems({ before, after: before, manifests })).toEqual([]);
  });

  describe("changelogs", () => {
    const good =
      "# @conic/hub\n\n## 0.1.0\n\n### Minor Changes\n\n- 5d0bbcd: A hub forgets nobody.\n\n### Patch Changes\n\n" +
      "- Updated dependencies [5d0bbcd]\n  - @conic/domain@0.1.0\n";

    it("may be read by people", () => {
      expect(problems(good)).toEqual([]);
      expect(problems(`${good}\n## 0.0.1\n\nundefined\n`)).toEqual([]);
    });

    it.each([
      ["there is none", undefined, "has no CHANGELOG.md"],
      ["another title", good.replace("# @conic/hub", "# hub"), "does not begin with the name"],
      ["an old version", good.replace("0.1.0", "0.0.9"), "begins with 0.0.9, not 0.1.0"],
      ["a lost sentence", good.replace("nobody", "somebody"), "lacks “A hub forgets nobody.”"],
      ["an empty item", good.replace("- Updated dependencies [5d0bbcd]", "-"), "says “-”"],
      [
        "a workspace",
        good.replace("domain@0.1.0", "domain@workspace:^"),
        "holds what is for machines",
      ],
    ])("refuses %s", (_why, log, problem) => {
      expect(problems(log).join("\n")).toContain(problem);
    });
  });
});

describe("programs that use every package", () => {
  it("import and require them all", () => {
    const { esm, cjs } = valueSources(["@conic/hub", "@conic/webrtc"]);
    const print =
      'console.log(JSON.stringify({ "@conic/hub": Object.keys(m0), "@conic/webrtc": Object.keys(m1) }));';
    expect(esm.code.trim().split("\n")).toEqual([
      'import * as m0 from "@conic/hub";',
      'import * as m1 from "@conic/webrtc";',
      "",
      print,
    ]);
    expect(cjs.code).toContain('const m1 = require("@conic/webrtc");');
    expect(cjs.code).toContain(print);
  });

  it("are compiled as modules of both kinds, with a line that fails where types are missing", () => {
    const sources = typeSources(["@conic/hub"], "nodenext");
    expect(sources.map(({ file }) => file)).toEqual(["all.mts", "all.cts"]);
    expect(sources[1]?.code).toContain('import m0 = require("@conic/hub");');
    for (const { code } of sources)
      expect(code).toMatch(/@ts-expect-error.*\n.*m0\.thisIsNotExported/);
    expect(typeSources(["@conic/hub"], "bundler").map(({ file }) => file)).toEqual(["all.ts"]);
    expect(typeConfig("bundler").compilerOptions).toMatchObject({
      strict: true,
      skipLibCheck: false,
    });
  });
});

describe("a bundle for browsers", () => {
  it("may speak of Node, and not ask for its modules", () => {
    expect(bundleProblems("built in 1 s", ['console.log("node: none");'])).toEqual([]);
  });

  it.each([
    [
      "a warning of Vite",
      'Module "node:dgram" has been externalized for browser',
      "x",
      "node:dgram",
    ],
    ["an import", "", 'import{connect as c}from"node:net";', "node:net"],
    ["a bare import", "", 'import "node:tls";', "node:tls"],
    ["a dynamic import", "", 'await import("node:fs")', "node:fs"],
    ["a require", "", "require('node:dns')", "node:dns"],
    ["a stand-in", "", "var e=__vite-browser-external", "stand-in"],
  ])("is refused with %s", (_why, said, code, problem) => {
    expect(bundleProblems(said, [code]).join("\n")).toContain(problem);
  });

  it("has to be there", () => {
    expect(bundleProblems("", [])).toEqual(["there is no bundle"]);
  });
});

describe("lines of code", () => {
  it("are those that are not empty, of all files", () => {
    expect(codeLines(["a\n\n  \nb\n", "c"])).toBe(3);
  });
});
