// A registry of npm packages for this run alone, on the loopback: @conic/* are here, all others where npm would ask.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { must, Running, StepFailure } from "./command.mjs";
import { registrySettings } from "./environment.mjs";
import { writeJson } from "./scene.mjs";

const version = "6.10.4";

/**
 * Of verdaccio, in JSON, which is YAML too.
 * @param {string} uplink URL of the registry behind it
 * @returns {string}
 */
export function verdaccioConfig(uplink) {
  return JSON.stringify({
    storage: "./storage",
    web: { enable: false },
    auth: { htpasswd: { file: "./htpasswd", max_users: 1 } },
    // Without it each request with a token costs a verification of a password, half a second of CPU.
    security: { api: { legacy: false, jwt: { sign: { expiresIn: "1d" } } } },
    uplinks: { npm: { url: uplink, timeout: "60s", max_fails: 50 } },
    packages: {
      "@conic/*": { access: "$all", publish: "$authenticated" },
      "**": { access: "$all", proxy: "npm" },
    },
    max_body_size: "50mb",
    log: { type: "stdout", format: "pretty", level: "warn" },
  });
}

/**
 * Starts it, and lets `scene` use it from then on.
 * @param {import("./scene.mjs").Scene} scene
 * @returns {Promise<string>}
 */
export async function startRegistry(scene) {
  const dir = scene.folder("registry");
  writeJson(path.join(dir, "package.json"), {
    private: true,
    dependencies: { verdaccio: version },
  });
  // One of its plugins asks for node-fetch by a tag, `cjs`, which mirrors of npm often do not have.
  writeFileSync(path.join(dir, "pnpm-workspace.yaml"), "overrides: { node-fetch: ^2.7.0 }\n");
  const config = path.join(dir, "config.yaml");
  const { uplink, cafile } = await npmSettings();
  writeFileSync(config, verdaccioConfig(uplink));
  await must("pnpm", ["install", "--ignore-scripts", "--prefer-offline"], {
    cwd: dir,
    env: scene.ownEnv,
  });

  const registry = `http://127.0.0.1:${await freePort()}/`;
  const program = path.join(dir, "node_modules", "verdaccio", "bin", "verdaccio");
  const args = [program, "--config", config, "--listen", registry];
  const trusted = process.env["NODE_EXTRA_CA_CERTS"] ?? cafile;
  const env = { ...scene.toolEnv, NODE_EXTRA_CA_CERTS: trusted };
  const verdaccio = new Running("node", args, { cwd: dir, env });
  await verdaccio.says(/http address/);
  const token = await signUp(registry);

  /** @param {string} name @param {string} [secret] */
  const settings = (name, secret) => {
    const userconfig = path.join(dir, name);
    const cache = path.join(scene.dir, "caches");
    const found = registrySettings({
      userconfig,
      registry,
      cache,
      ...(secret && { token: secret }),
    });
    writeFileSync(userconfig, found.npmrc, { mode: 0o600 });
    return found.env;
  };
  scene.registry = registry;
  scene.env = { ...scene.env, ...settings("stranger.npmrc") };
  scene.publishEnv = { ...scene.toolEnv, ...settings("publisher.npmrc", token) };
  scene.onClose(() => verdaccio.stop());
  return `verdaccio ${version}`;
}

/** What this machine's npm is told. */
async function npmSettings() {
  const args = ["config", "get", "registry", "cafile"];
  const said = await must("npm", args, { timeoutMs: 60_000 });
  const uplink = /^registry ?= ?(\S+)$/m.exec(said)?.[1];
  const cafile = /^cafile ?= ?(\S+)$/m.exec(said)?.[1];
  if (uplink === undefined) throw new StepFailure("npm does not tell its registry", said);
  return { uplink, cafile: cafile === "null" ? undefined : cafile };
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/**
 * @param {string} registry
 * @returns {Promise<string>} a token
 */
async function signUp(registry) {
  const name = "rehearsal";
  const answer = await fetch(new URL(`-/user/org.couchdb.user:${name}`, registry), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, password: crypto.randomUUID() }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await answer.text();
  const { token } = /** @type {{ token?: unknown }} */ (JSON.parse(text));
  if (typeof token !== "string") throw new StepFailure("the local registry gives no token", text);
  return token;
}

/**
 * What the registry has of a package.
 * @param {import("./scene.mjs").Scene} scene
 * @param {string} name
 * @returns {Promise<{ versions: Record<string, import("./scene.mjs").Published>, "dist-tags": Record<string, string> }>}
 */
export async function published({ registry }, name) {
  const url = new URL(name.replace("/", "%2f"), registry);
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!answer.ok)
    throw new StepFailure(`${name} is not on the local registry: HTTP ${answer.status}`);
  return /** @type {Awaited<ReturnType<typeof published>>} */ (await answer.json());
}
