// The changelog of all packages in one.

const intro = `# Changelog

What users get, by version. Every package has a \`CHANGELOG.md\` of its own as well, which npm shows with it. Versions are
[semantic](https://semver.org): below 1.0.0, a minor version may break what was there before, and says so.
`;

/**
 * Text by version, the newest version first; sections that only say that dependencies are newer are left out.
 * @param {readonly { name: string, text: string }[]} packages with their CHANGELOG.md
 */
export function rootChangelog(packages) {
  /** @type {Map<string, string[]>} */
  const versions = new Map();
  for (const { name, text } of packages) {
    for (const section of text.split(/^## /m).slice(1)) {
      const [version = "", ...lines] = section.split("\n");
      const body = lines
        .filter((line) => !line.startsWith("### ") && !line.startsWith("- Comes with "))
        .join("\n")
        .replaceAll(/\n{2,}/g, "\n")
        .trim();
      if (body === "") continue;
      versions.set(version, [...(versions.get(version) ?? []), `### ${name}\n\n${body}\n`]);
    }
  }
  const newest = [...versions].toSorted(([a], [b]) => compare(b, a));
  return [
    intro,
    ...newest.map(([version, parts]) => [`## ${version}\n`, ...parts].join("\n")),
  ].join("\n");
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
