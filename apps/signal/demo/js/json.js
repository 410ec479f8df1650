/** What comes from outside is unknown until it was looked at. */

/**
 * @param {unknown} value
 * @returns {Readonly<Record<string, unknown>>} empty when it is no object
 */
export function objectOf(value) {
  return typeof value === "object" && value !== null
    ? /** @type {Record<string, unknown>} */ (value)
    : {};
}

/**
 * @param {string} text
 * @returns {Readonly<Record<string, unknown>>} empty when it is no JSON, or no object
 */
export function parseObject(text) {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** @param {unknown} value */
export function stringOf(value) {
  return typeof value === "string" ? value : undefined;
}

/** @param {unknown} value */
export function numberOf(value) {
  return typeof value === "number" ? value : 0;
}
