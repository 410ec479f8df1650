// What an empty folder gets from `npm install`: packages, megabytes, seconds, and how long the import of each takes, of our
// packages as they are packed and of those of others as the registry has them. `pnpm bench:install [name …]`
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { median, round3 } from "./harness.mjs";
import { table } from "./table.mjs";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const shell = process.platform === "win32";
const rounds = 10;

/**
 * What is installed together, and what of it is imported; without `import`, a program that is not.
 * @type {Readonly<Record<string, { packages: readonly string[], import?: string, run?: string }>>}
 */
const contenders = {
  "@conic/client": { packages: ["@conic/client"], import: "@conic/client" },
  "@conic/webrtc": { packages: ["@conic/webrtc"], import: "@conic/webrtc" },
  "@conic/server": { packages: ["@conic/server"], import: "@conic/server" },
  "@conic/signal": { packages: ["@conic/signal"], run: "@conic/signal/dist/main.js" },
  peerjs: { packages: ["peerjs"], import: "peerjs" },
  "peer (server)": { packages: ["peer"], import: "peer" },
  "simple-peer": { packages: ["simple-peer"], import: "simple-peer" },
  "simple-peer, @roamhq/wrtc": {
    packages: ["simple-peer", "@roamhq/wrtc"],
    import: "simple-peer @roamhq/wrtc",
  },
  "@roamhq/wrtc": { packages: ["@roamhq/wrtc"], import: "@roamhq/wrtc" },
  "node-datachannel": { packages: ["node-datachannel"], import: "node-datachannel" },
  trystero: { packages: ["trystero"], import: "trystero" },
};

/**
 * Our packages as files that npm installs, by name.
 * @param {string} folder
 */
async function pack(folder) {
  /** @type {Record<string, string>} */
  const files = {};
  for (const group of ["packages", "apps"]) {
    for (const dir of await readdir(path.join(root, group))) {
      const cwd = path.join(root, group, dir);
      const { name } = await manifestOf(path.join(cwd, "package.json"));
      await exec("pnpm", ["pack", "--pack-destination", folder], { cwd, shell });
      const file = `${name.replace("@", "").replace("/", "-")}-`;
      const tarball = (await readdir(folder)).find(
        (one) => one.startsWith(file) && /-\d/.test(one.slice(file.length - 1)),
      );
      if (tarball === undefined) throw new Error(`${name} was not packed`);
      files[name] = `file:${path.join(folder, tarball)}`;
    }
  }
  return files;
}

/** @param {string} file */
async function manifestOf(file) {
  return /** @type {{ name: string, version: string }} */ (
    JSON.parse(await readFile(file, "utf8"))
  );
}

/** Sum of all files, in bytes. @param {string} folder @returns {Promise<number>} */
async function bytesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(path.join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const cpu = `const { user, system } = process.cpuUsage(); console.error("cpu " + (user + system) / 1000);`;

/** How long Node takes to run this, and its processor time, in ms. @param {string} code @param {string} cwd */
async function timeOf(code, cwd) {
  const start = performance.now();
  const script = `${code} ${cpu} process.exit();`;
  const args = ["--input-type=module", "-e", script];
  const { stderr } = await exec(process.execPath, args, { cwd, timeout: 60_000 });
  return { ms: performance.now() - start, cpuMs: Number(/^cpu (.*)$/m.exec(stderr)?.[1]) };
}

/** @param {string} message */
const firstLine = (message) => message.split("\n").find((line) => /Error/.test(line)) ?? message;

/**
 * Milliseconds above those of an empty program, or why there are none.
 * @param {{ import?: string, run?: string }} contender @param {string} cwd
 */
async function startOf(contender, cwd) {
  const modules = contender.import?.split(" ");
  const program = pathToFileURL(path.join(cwd, "node_modules", contender.run ?? "")).href;
  const code =
    modules === undefined
      ? `process.argv.push("", "--version"); await import("${program}");`
      : modules.map((name) => `await import("${name}");`).join(" ");
  /** @type {{ ms: number, cpuMs: number }[]} */
  const above = [];
  try {
    await timeOf(code, cwd);
    for (let round = 0; round < rounds; round += 1) {
      const empty = await timeOf("", cwd);
      const full = await timeOf(code, cwd);
      above.push({ ms: full.ms - empty.ms, cpuMs: full.cpuMs - empty.cpuMs });
    }
  } catch (error) {
    const problem = firstLine(error instanceof Error ? error.message : String(error));
    return { "import, ms": `not in Node: ${problem}`, "of the processor": "" };
  }
  return {
    "import, ms": round3(median(above.map(({ ms }) => ms))),
    "of the processor": round3(median(above.map(({ cpuMs }) => cpuMs))),
  };
}

/**
 * @param {string} name @param {string} temp @param {Readonly<Record<string, string>>} ours
 */
async function measure(name, temp, ours) {
  const contender = contenders[name];
  if (contender === undefined) throw new Error(`there is no contender ${name}`);
  const cwd = await mkdtemp(path.join(temp, "install-"));
  const cache = path.join(cwd, "cache");
  const dependencies = Object.fromEntries(
    contender.packages.map((one) => [one, ours[one] ?? "latest"]),
  );
  const own = contender.packages.some((one) => one in ours);
  await writeFile(
    path.join(cwd, "package.json"),
    JSON.stringify({ private: true, dependencies, ...(own ? { overrides: ours } : {}) }),
  );
  const start = performance.now();
  await exec("npm", ["install", "--no-audit", "--no-fund", "--cache", cache], { cwd, shell });
  const seconds = (performance.now() - start) / 1000;
  const modules = path.join(cwd, "node_modules");
  const [first = name] = contender.packages;
  const { version } = await manifestOf(path.join(modules, first, "package.json"));
  const lock = /** @type {{ packages: object }} */ (
    JSON.parse(await readFile(path.join(modules, ".package-lock.json"), "utf8"))
  );
  return {
    install: name,
    version: own ? "this" : version,
    packages: Object.keys(lock.packages).length,
    MB: round3((await bytesOf(modules)) / 1e6),
    "s (noisy)": round3(seconds),
    ...(await startOf(contender, cwd)),
  };
}

const asked = process.argv.slice(2);
const temp = await mkdtemp(path.join(tmpdir(), "conic-install-"));
try {
  const packed = path.join(temp, "packed");
  await mkdir(packed);
  const ours = await pack(packed);
  const rows = [];
  for (const name of asked.length > 0 ? asked : Object.keys(contenders)) {
    const row = await measure(name, temp, ours);
    process.stderr.write(`${Object.values(row).join("  ")}\n`);
    rows.push(row);
  }
  process.stdout.write(`Node ${process.version}, npm, ${process.platform} ${process.arch}\n\n`);
  process.stdout.write(`${table(rows)}\n\n`);
  process.stdout.write(
    `Import: median of ${rounds}, each above an empty program that ran just before. @conic/signal: --version.\n`,
  );
} finally {
  await rm(temp, { recursive: true, force: true });
}
