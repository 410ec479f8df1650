// The files that the `exports` of a package lead to, and under which conditions.

/**
 * @typedef {object} Entry
 * @property {string} subpath as in `exports`: `.` or `./x`
 * @property {readonly string[]} conditions on the way to it, outermost first, the last one included
 * @property {string} file relative to the package, such as `./dist/index.js`
 */

/**
 * Every file that `exports` names, in its order.
 * @param {Record<string, unknown>} [exports]
 * @returns {Entry[]}
 */
export function entries(exports = {}) {
  return Object.entries(exports).flatMap(([subpath, target]) => leaves(subpath, target, []));
}

/**
 * @param {string} subpath
 * @param {unknown} target
 * @param {readonly string[]} conditions
 * @returns {Entry[]}
 */
function leaves(subpath, target, conditions) {
  if (typeof target === "string") return [{ subpath, conditions, file: target }];
  if (typeof target !== "object" || target === null) return [];
  return Object.entries(target).flatMap(([condition, next]) =>
    leaves(subpath, next, [...conditions, condition]),
  );
}

/**
 * The declarations of a package that differ: those for `import`, each with a name made of the subpath and of the
 * conditions that distinguish it, which is empty for the main entry.
 * @param {Record<string, unknown>} [exports]
 * @returns {{ name: string, file: string }[]}
 */
export function typeEntries(exports) {
  const usual = new Set(["import", "default", "node", "types"]);
  /** @type {Map<string, string>} */
  const names = new Map();
  const found = entries(exports)
    .filter(({ file, conditions }) => /\.d\.m?ts$/.test(file) && !conditions.includes("require"))
    .map(({ subpath, conditions, file }) => ({
      file,
      parts: [
        ...(subpath === "." ? [] : [subpath.slice(2).replaceAll("/", "-")]),
        ...conditions.filter((condition) => !usual.has(condition)),
      ],
    }))
    .toSorted((a, b) => a.parts.length - b.parts.length);
  for (const { file, parts } of found) {
    if (!names.has(file)) names.set(file, parts.join("."));
  }
  return [...names].map(([file, name]) => ({ file, name }));
}
