// What vitest 5 uses and Node 20 lacks; without it a test that fails on Node 20 shows as a crash of the reporter.
// Loaded as a reporter that reports nothing, so that it reaches vitest's own process and no test.

/**
 * @template K, T
 * @param {Iterable<T>} items
 * @param {(item: T, index: number) => K} keyOf
 * @returns {Map<K, T[]>}
 */
function groupBy(items, keyOf) {
  /** @type {Map<K, T[]>} */
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function withResolvers() {
  /** @type {((value: unknown) => void) | undefined} */
  let resolve;
  /** @type {((reason: unknown) => void) | undefined} */
  let reject;
  const promise = new Promise((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/**
 * @param {object} target
 * @param {string} name
 * @param {Function} value
 */
function define(target, name, value) {
  if (name in target) return;
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

define(Map, "groupBy", groupBy);
define(
  Object,
  "groupBy",
  (/** @type {Iterable<unknown>} */ items, /** @type {(item: unknown) => string} */ keyOf) =>
    /** @type {Record<string, unknown[]>} */ (Object.fromEntries(groupBy(items, keyOf))),
);
define(Promise, "withResolvers", withResolvers);

export default class NoReporter {
  onInit() {
    // Loading this file was all.
  }
}
