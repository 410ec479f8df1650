import { randomBytes } from "node:crypto";

// A process may hold two copies of this package, such as its ESM and its CommonJS build.
const copy = randomBytes(2).toString("hex");
let count = 0;

/** A name for logs, unique in this process. */
export function nextId(prefix: string): string {
  count += 1;
  return `${prefix}-${copy}-${count.toString(36)}`;
}
