// How changesets writes the CHANGELOG.md of a package: what users get, without hashes of commits.

/**
 * @typedef {object} Changeset
 * @property {string} summary
 *
 * @typedef {object} Updated
 * @property {string} name
 * @property {string} newVersion
 */

/**
 * One entry: the first line of a changeset, and what follows it below.
 * @param {Changeset} changeset
 */
export function getReleaseLine({ summary }) {
  const [first = "", ...rest] = summary
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)].join("\n");
}

/**
 * The packages of ours that come along, in one line.
 * @param {readonly Changeset[]} _changesets
 * @param {readonly Updated[]} updated
 */
export function getDependencyReleaseLine(_changesets, updated) {
  const names = updated.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`);
  return names.length === 0 ? "" : `- Comes with ${names.join(", ")}.`;
}
