// What versioning must have done, judged from files alone.

/**
 * @typedef {"major" | "minor" | "patch"} Bump
 *
 * @typedef {object} Changeset
 * @property {ReadonlyMap<string, Bump>} bumps by name of package
 * @property {string} summary
 */

/**
 * @param {string} text of a file in .changeset
 * @returns {Changeset}
 */
export function parseChangeset(text) {
  const [, head = "", summary = ""] = /^---\n(.*?)---\n(.*)$/s.exec(text) ?? [];
  const bumps = [...head.matchAll(/^"?([^":\n]+)"?: (major|minor|patch)$/gm)];
  return {
    bumps: new Map(bumps.map(([, name = "", bump]) => [name, /** @type {Bump} */ (bump)])),
    summary: summary.trim(),
  };
}

/**
 * @param {Changeset} changeset
 * @returns {string}
 */
export function formatChangeset({ bumps, summary }) {
  const lines = [...bumps].map(([name, bump]) => `"${name}": ${bump}\n`);
  return `---\n${lines.join("")}---\n\n${summary}\n`;
}

/**
 * The version after the largest of `bumps`.
 * @param {string} version
 * @param {readonly Bump[]} bumps
 * @returns {string}
 */
export function bumped(version, bumps) {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (bumps.includes("major")) return `${major + 1}.0.0`;
  if (bumps.includes("minor")) return `${major}.${minor + 1}.0`;
  return bumps.includes("patch") ? `${major}.${minor}.${patch + 1}` : version;
}

/**
 * @param {object} change
 * @param {readonly Changeset[]} change.changesets that were there before
 * @param {ReadonlyMap<string, string>} change.before versions by name
 * @param {ReadonlyMap<string, string>} change.after
 * @returns {string[]} what is wrong, one line each
 */
export function versionProblems({ changesets, before, after }) {
  return [...before].flatMap(([name, version]) => {
    const bumps = changesets.flatMap((changeset) => changeset.bumps.get(name) ?? []);
    // A package that no changeset names may be released for a dependency of its own.
    const wanted =
      bumps.length > 0 ? [bumped(version, bumps)] : [version, bumped(version, ["patch"])];
    const now = after.get(name) ?? "none";
    return wanted.includes(now)
      ? []
      : [`${name} is ${now} after ${version}, not ${wanted.join(" or ")}`];
  });
}

/**
 * @param {object} released
 * @param {string} released.name
 * @param {string} released.version
 * @param {readonly Changeset[]} released.changesets
 * @param {string | undefined} released.text of CHANGELOG.md
 * @returns {string[]}
 */
export function changelogProblems({ name, version, changesets, text }) {
  if (text === undefined) return [`${name} has no CHANGELOG.md`];
  const [title, first = ""] = text.split(/^## /m);
  const [heading, ...lines] = first.trim().split("\n");
  const own = changesets.filter(({ bumps }) => bumps.has(name));
  const section = lines.join("\n");
  const items = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return [
    ...(title?.trim() === `# ${name}` ? [] : ["does not begin with the name of the package"]),
    ...(heading === version ? [] : [`begins with ${heading}, not ${version}`]),
    ...own
      .filter(({ summary }) => !section.includes(summary.split("\n")[0] ?? summary))
      .map(({ summary }) => `lacks “${summary}”`),
    ...items
      .filter((line) => !/^( {2})?- .*\S{2}|^ {2}\S/.test(line))
      .map((line) => `says “${line}”`),
    ...(items.length > 0 ? [] : ["says nothing"]),
    ...(/workspace:|undefined|\bnull\b/.test(first) ? ["holds what is for machines"] : []),
  ].map((problem) => `CHANGELOG.md of ${name} ${problem}`);
}

/**
 * `name` and whatever depends on it, directly or not. Programs hold their devDependencies in their bundles.
 * @param {string} name
 * @param {readonly import("./scene.mjs").Published[]} manifests
 * @returns {string[]}
 */
export function withDependents(name, manifests) {
  const found = new Set([name]);
  for (const reached of found) {
    for (const { name: other, bin, dependencies, devDependencies } of manifests) {
      const used = { ...dependencies, ...(bin === undefined ? {} : devDependencies) };
      if (Object.hasOwn(used, reached)) found.add(other);
    }
  }
  return [...found];
}

/**
 * Programs that would go on holding the old version of a library: changesets does not know of bundles.
 * @param {object} change
 * @param {ReadonlyMap<string, string>} change.before versions by name
 * @param {ReadonlyMap<string, string>} change.after
 * @param {readonly import("./scene.mjs").Published[]} change.manifests
 * @returns {string[]}
 */
export function staleProgramProblems({ before, after, manifests }) {
  const released = (/** @type {string} */ name) => before.get(name) !== after.get(name);
  const programs = manifests.filter(({ name, bin }) => bin !== undefined && !released(name));
  return programs.flatMap(({ name: program }) => {
    const held = [...after.keys()]
      .filter((name) => released(name) && withDependents(name, manifests).includes(program))
      .map((name) => name.replace("@conic/", ""));
    return held.length === 0
      ? []
      : [`${program} would still hold the old ${held.join(", ")}: name it in the changeset too`];
  });
}
