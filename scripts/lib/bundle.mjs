// What an app's build does beside bundling: it says whose code is in it, and keeps others' sources out of the source maps.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isPermissive } from "./licences.mjs";

/**
 * @typedef {object} Notice
 * @property {string} name
 * @property {string} version
 * @property {string} license SPDX
 * @property {string} text of its licence file; empty where it has none
 */

/**
 * The folder of the package that a file is part of; undefined for sources of this repository.
 * @param {string} file
 * @returns {string | undefined}
 */
export function packageFolder(file) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll("\\", "/"))?.[0];
}

/**
 * @param {string} folder
 * @returns {Notice}
 */
function readNotice(folder) {
  const manifest = /** @type {{ name: string, version: string, license?: string }} */ (
    JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"))
  );
  const file = readdirSync(folder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  const text = file === undefined ? "" : readFileSync(path.join(folder, file), "utf8").trim();
  const { name, version, license = "" } = manifest;
  return { name, version, license, text };
}

/**
 * The text of `dist/licenses.txt`.
 * @param {readonly Notice[]} notices
 * @throws Error that names the package whose licence is not one of those allowed.
 */
export function licensesText(notices) {
  const refused = notices.filter(({ license }) => !isPermissive(license));
  if (refused.length > 0) {
    const names = refused.map(({ name, license }) => `${name} (${license || "none"})`).join(", ");
    throw new Error(`not to be bundled because of the licence: ${names}; make it a dependency`);
  }
  const parts = notices
    .toSorted((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1))
    .map(({ name, version, license, text }) =>
      [`${name} ${version}`, `Licence: ${license}`, ...(text === "" ? [] : ["", text])].join("\n"),
    );
  const intro = "This program contains the following packages, each under its own licence.";
  return `${[intro, ...parts].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/**
 * A source map without the text of files in node_modules: it would be most of the map.
 * @param {string} text
 */
export function withoutForeignSources(text) {
  const map = /** @type {{ sources: string[], sourcesContent?: (string | null)[] }} */ (
    JSON.parse(text)
  );
  const sourcesContent = map.sources.map((source, i) =>
    source.includes("node_modules/") ? null : (map.sourcesContent?.[i] ?? null),
  );
  return JSON.stringify({ ...map, sourcesContent });
}

/** @type {NonNullable<import("tsup").Options["esbuildPlugins"]>[number]} */
export const bundleNotices = {
  name: "bundle-notices",
  setup(build) {
    build.onEnd((result) => {
      for (const file of result.outputFiles ?? []) {
        if (!file.path.endsWith(".map")) continue;
        file.contents = new TextEncoder().encode(withoutForeignSources(file.text));
      }
      const outputs = Object.values(result.metafile?.outputs ?? {});
      const files = outputs.flatMap(({ inputs }) => Object.keys(inputs));
      const folders = new Set(files.map(packageFolder).filter((one) => one !== undefined));
      const known = [...folders].filter((folder) => existsSync(path.join(folder, "package.json")));
      mkdirSync("dist", { recursive: true });
      writeFileSync("dist/licenses.txt", licensesText(known.map(readNotice)));
    });
  },
};
