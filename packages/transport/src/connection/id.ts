// A process may hold two copies of this package, such as its ESM and its CommonJS build.
const copy = Array.from(globalThis.crypto.getRandomValues(new Uint8Array(2)), (byte) =>
  byte.toString(16).padStart(2, "0"),
).join("");
let count = 0;

/** A name for logs, unique in this process. */
export function nextId(prefix: string): string {
  count += 1;
  return `${prefix}-${copy}-${count.toString(36)}`;
}
