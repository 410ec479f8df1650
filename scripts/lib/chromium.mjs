// Where Chromium may be. Pure but for `exists` and `list`, so that tests describe a machine instead of having one.
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** What every Chromium of a test is started with, beside being headless: it asks nobody for anything. @type {readonly string[]} */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Real addresses in candidates instead of `….local` names, which need a resolver on the network. */
export const realAddresses = "--disable-features=WebRtcHideLocalIpsWithMdns";

/**
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {Record<string, string | undefined>} env
 * @property {string} home
 * @property {(file: string) => boolean} exists
 * @property {(dir: string) => readonly string[]} list names in a folder; none when it does not exist
 */

/** @type {Machine} */
const thisMachine = {
  platform: process.platform,
  env: process.env,
  home: homedir(),
  exists: existsSync,
  list: (dir) => (existsSync(dir) ? readdirSync(dir) : []),
};

/**
 * Path of an installed Chromium or Chrome. `CHROMIUM` names one and is never second-guessed.
 * @param {Partial<Machine>} [machine]
 * @returns {string | undefined}
 */
export function findChromium(machine = {}) {
  const known = { ...thisMachine, ...machine };
  const named = known.env["CHROMIUM"];
  if (named !== undefined && named !== "") return known.exists(named) ? named : undefined;
  return [...installPlaces(known), ...downloadPlaces(known)].find((file) => known.exists(file));
}

/**
 * @param {Machine} machine
 * @returns {string[]}
 */
function installPlaces({ platform, env, home }) {
  if (platform === "darwin") {
    const apps = [
      "Chromium.app/Contents/MacOS/Chromium",
      "Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    return ["/Applications", `${home}/Applications`].flatMap((dir) =>
      apps.map((app) => `${dir}/${app}`),
    );
  }
  if (platform === "win32") {
    const programs = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap(
      (key) => env[key] ?? [],
    );
    const apps = ["Chromium\\Application\\chrome.exe", "Google\\Chrome\\Application\\chrome.exe"];
    return programs.flatMap((dir) => apps.map((app) => `${dir}\\${app}`));
  }
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = (env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/"));
  return [...new Set(["/usr/bin", "/usr/local/bin", "/snap/bin", ...onPath])].flatMap((dir) =>
    names.map((name) => `${dir}/${name}`),
  );
}

/**
 * Where playwright-core puts the browsers that it downloads.
 * @param {Machine} machine
 * @returns {string[]}
 */
function downloadPlaces({ platform, env, home, list }) {
  const paths = platform === "win32" ? path.win32 : path.posix;
  const caches = {
    darwin: paths.join(home, "Library", "Caches"),
    win32: env["LOCALAPPDATA"] ?? paths.join(home, "AppData", "Local"),
    linux: env["XDG_CACHE_HOME"] ?? paths.join(home, ".cache"),
  };
  const cache = platform === "darwin" || platform === "win32" ? caches[platform] : caches.linux;
  const base = env["PLAYWRIGHT_BROWSERS_PATH"] ?? paths.join(cache, "ms-playwright");
  const names = ["chrome-headless-shell", "chrome-headless-shell.exe"];
  return list(base)
    .filter((name) => name.startsWith("chromium_headless_shell-"))
    .map((name) => paths.join(base, name))
    .flatMap((dir) => list(dir).map((inner) => paths.join(dir, inner)))
    .flatMap((dir) => names.map((name) => paths.join(dir, name)));
}
