import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { aptPrefix } from "../lib/apt.mjs";
import { findChromium } from "../lib/chromium.mjs";
import { run } from "../lib/run.mjs";
import { root } from "../lib/workspace.mjs";

/**
 * A machine with exactly these files.
 * @param {NodeJS.Platform} platform
 * @param {readonly string[]} files
 * @param {Record<string, string>} [env]
 */
function find(platform, files, env = {}) {
  const separator = platform === "win32" ? "\\" : "/";
  return findChromium({
    platform,
    env,
    home: "/home/me",
    exists: (file) => files.includes(file),
    list: (dir) => [
      ...new Set(
        files
          .filter((file) => file.startsWith(dir + separator))
          .map((file) => file.slice(dir.length + 1).split(separator)[0] ?? ""),
      ),
    ],
  });
}

const chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const download =
  "ms-playwright/chromium_headless_shell-1/chrome-headless-shell-linux64/chrome-headless-shell";

describe("findChromium", () => {
  it.each(
    /** @type {[NodeJS.Platform, string, Record<string, string>][]} */ ([
      ["linux", "/usr/bin/chromium", {}],
      ["linux", "/usr/bin/chromium-browser", {}],
      ["linux", "/usr/bin/google-chrome", {}],
      ["linux", "/usr/bin/google-chrome-stable", {}],
      ["linux", "/opt/x/chromium", { PATH: "relative:/opt/x" }],
      ["linux", `/home/me/.cache/${download}`, {}],
      ["linux", `/cache/${download}`, { XDG_CACHE_HOME: "/cache" }],
      ["darwin", chrome, {}],
      ["darwin", `/home/me${chrome}`, {}],
      ["win32", "C:\\P\\Google\\Chrome\\Application\\chrome.exe", { ProgramFiles: "C:\\P" }],
    ]),
  )("on %s finds %s", (platform, file, env) => {
    expect(find(platform, [file], env)).toBe(file);
  });

  it("finds nothing where nothing is", () => {
    for (const platform of /** @type {const} */ (["linux", "darwin", "win32"])) {
      expect(find(platform, [])).toBeUndefined();
    }
  });

  it("prefers the installed one to a download", () => {
    const files = [`/home/me/.cache/${download}`, "/usr/bin/google-chrome"];
    expect(find("linux", files)).toBe("/usr/bin/google-chrome");
  });

  it("obeys CHROMIUM, also when it is wrong", () => {
    const files = ["/usr/bin/chromium", "/my/chrome"];
    expect(find("linux", files, { CHROMIUM: "/my/chrome" })).toBe("/my/chrome");
    expect(find("linux", files, { CHROMIUM: "/none" })).toBeUndefined();
    expect(find("linux", files, { CHROMIUM: "" })).toBe("/usr/bin/chromium");
  });
});

describe("aptPrefix", () => {
  it("uses apt-get as root, by sudo without a password, or not at all", () => {
    expect(aptPrefix({ hasApt: true, uid: 0, sudoWorks: false })).toEqual([]);
    expect(aptPrefix({ hasApt: true, uid: 1000, sudoWorks: true })).toEqual(["sudo", "-n"]);
    expect(aptPrefix({ hasApt: true, uid: 1000, sudoWorks: false })).toBeUndefined();
    expect(aptPrefix({ hasApt: false, uid: 0, sudoWorks: true })).toBeUndefined();
  });
});

describe("ensure-chromium", () => {
  const dir = mkdtempSync(path.join(tmpdir(), "conic-chromium-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const script = path.join(root, "scripts", "ensure-chromium.mjs");

  it("prints one line when there is one", async () => {
    const program = path.join(dir, "chromium");
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    const { code, output } = await run(process.execPath, [script], { env: { CHROMIUM: program } });
    expect({ code, output }).toEqual({ code: 0, output: `Chromium: ${program}\n` });
  });

  it("fails when CHROMIUM names nothing", async () => {
    const { code, output } = await run(process.execPath, [script], {
      env: { CHROMIUM: `${dir}/no` },
    });
    expect(code).toBe(1);
    expect(output).toContain("correct it or unset it");
  });
});
