// What a stranger's shell looks like: nothing of this repository, of the pnpm that runs this, or of this machine's npm settings.
import path from "node:path";

/**
 * Changes to `env` (undefined takes a variable away) that make it a stranger's.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} root folder of this repository, whose programs must not be found
 * @returns {Record<string, string | undefined>}
 */
export function strangerEnv(env, root) {
  const removed = Object.keys(env).filter((name) =>
    /^(npm_|pnpm_|turbo_)|^(INIT_CWD|NODE_PATH|NODE_OPTIONS|NODE_ENV|PORT)$/i.test(name),
  );
  const inside = (/** @type {string} */ dir) =>
    dir === root || dir.startsWith(`${root}${path.sep}`);
  const found = (env["PATH"] ?? "")
    .split(path.delimiter)
    .filter((dir) => dir !== "" && !inside(dir));
  return {
    ...Object.fromEntries(removed.map((name) => [name, undefined])),
    PATH: found.join(path.delimiter),
    NO_COLOR: "1",
    CI: "true",
  };
}

/**
 * Settings of npm and pnpm: this registry, caches of their own, a token if there is one.
 * @param {object} places
 * @param {string} places.userconfig file that `npmrc` is written to
 * @param {string} places.registry its URL, with a `/` at the end
 * @param {string} places.cache folder
 * @param {string} [places.token]
 * @returns {{ env: Record<string, string>, npmrc: string }}
 */
export function registrySettings({ userconfig, registry, cache, token }) {
  const lines = [
    `registry=${registry}`,
    ...(token === undefined ? [] : [`${registry.replace(/^\w+:/, "")}:_authToken=${token}`]),
    `cache=${path.join(cache, "npm")}`,
    "audit=false",
    "fund=false",
    "update-notifier=false",
  ];
  return {
    npmrc: `${lines.join("\n")}\n`,
    env: {
      NPM_CONFIG_USERCONFIG: userconfig,
      npm_config_registry: registry,
      pnpm_config_registry: registry,
      pnpm_config_store_dir: path.join(cache, "pnpm-store"),
      pnpm_config_cache_dir: path.join(cache, "pnpm-cache"),
    },
  };
}

/**
 * Whether changesets and verdaccio run on that Node.
 * @param {string} version such as 22.18.0
 * @returns {boolean}
 */
export function runsTools(version) {
  return Number(version.split(".")[0]) >= 22;
}
