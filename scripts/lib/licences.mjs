// Which licences the packages of others may have, and who is excepted for which reason.

/** Licences that ask for no more than a notice, by their SPDX names. */
export const permissive = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
]);

/**
 * @typedef {object} Exception
 * @property {string} name of a package; `*` at the end stands for anything
 * @property {string} licence as its package.json says
 * @property {string} reason why it is fit for the use we make of it
 * @property {boolean} [optional] no library may depend on it but as an optional peer
 *
 * @typedef {object} Dependency
 * @property {string} name
 * @property {string} licence
 */

/** @type {Readonly<Record<"production" | "development", readonly Exception[]>>} */
export const exceptions = {
  production: [
    {
      name: "@libav.js/variant-webm",
      licence: "LGPL-2.1",
      reason:
        "the VP8 encoder, as a file of its own that users may replace: an optional peer of codec-vp8, chosen by the app media",
      optional: true,
    },
    {
      name: "mediabunny",
      licence: "MPL-2.0",
      reason:
        "files that we change would have to be shown, and we change none: it is a dependency, never copied",
    },
  ],
  development: [
    { name: "argparse", licence: "Python-2.0", reason: "permissive; reads arguments of tools" },
    {
      name: "lightningcss*",
      licence: "MPL-2.0",
      reason: "a part of the test runner, unchanged and not published",
    },
    {
      name: "node-datachannel",
      licence: "MPL 2.0",
      reason: "another implementation, to test and measure against; not published",
    },
    {
      name: "@node-datachannel/*",
      licence: "MPL 2.0",
      reason: "the binaries of node-datachannel",
    },
  ],
};

/**
 * @param {string} expression of SPDX, such as `MIT` or `(MIT OR GPL-3.0)`
 * @returns {boolean} whether some choice of it is permissive
 */
export function isPermissive(expression) {
  const bare = expression.replace(/^\((.*)\)$/, "$1");
  if (bare.includes("(")) return false;
  return bare
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((part) => permissive.has(part.trim())));
}

/**
 * @param {readonly Dependency[]} dependencies
 * @param {readonly Exception[]} excepted
 * @returns {string[]} what is wrong, one line each
 */
export function licenceProblems(dependencies, excepted) {
  const used = new Set();
  const foreign = dependencies.filter(({ name, licence }) => {
    if (isPermissive(licence)) return false;
    const exception = excepted.find((candidate) => matches(candidate, name, licence));
    used.add(exception);
    return exception === undefined;
  });
  return [
    ...foreign.map(
      ({ name, licence }) => `${name} has the licence ${licence}, which is not on the list`,
    ),
    ...excepted
      .filter((exception) => !used.has(exception))
      .map(({ name, licence }) => `no dependency needs the exception of ${name} (${licence})`),
  ];
}

/**
 * @param {Exception} exception
 * @param {string} name
 * @param {string} licence
 */
function matches(exception, name, licence) {
  if (exception.licence !== licence) return false;
  return exception.name.endsWith("*")
    ? name.startsWith(exception.name.slice(0, -1))
    : name === exception.name;
}

/**
 * Libraries that make their users install what only those who ask for it should have.
 * @param {readonly import("./workspace.mjs").Workspace[]} all
 * @param {readonly Exception[]} excepted
 * @returns {string[]}
 */
export function optionalProblems(all, excepted) {
  const names = excepted.flatMap(({ name, optional }) => (optional === true ? [name] : []));
  return all
    .filter(({ dir }) => dir.startsWith("packages/"))
    .flatMap(({ dir, manifest }) =>
      names.flatMap((name) => {
        const { dependencies, optionalDependencies, peerDependencies } = manifest;
        if (Object.hasOwn({ ...dependencies, ...optionalDependencies }, name)) {
          return [`${dir} must not install ${name}: it may be an optional peer only`];
        }
        const isPeer = Object.hasOwn({ ...peerDependencies }, name);
        return isPeer && manifest.peerDependenciesMeta?.[name]?.optional !== true
          ? [`${dir} must mark its peer ${name} as optional`]
          : [];
      }),
    );
}

/**
 * @param {string} json what `pnpm licenses list --json` prints
 * @returns {Dependency[]}
 */
export function readLicences(json) {
  if (json.trim() === "" || !json.trimStart().startsWith("{")) return [];
  const groups = /** @type {Record<string, { name: string }[]>} */ (JSON.parse(json));
  return Object.entries(groups).flatMap(([licence, found]) =>
    found.map(({ name }) => ({ name, licence })),
  );
}
