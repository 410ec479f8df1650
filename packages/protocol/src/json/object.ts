import { writtenKeys, type WrittenKeys } from "./scan.js";

/** An object out of JSON.parse: read with {@link own}, so that a prototype is never mistaken for content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON object that `text` holds, or undefined: it is no JSON, or another kind of value. */
export function parseObject(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not kept as a cause: V8 quotes the input in its message, and causes are logged.
    return undefined;
  }
  return isObject(value) ? value : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The keys that a kind of object gives a meaning to, and how other parsers may spell them. */
export interface KnownKeys {
  readonly exact: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
}

/**
 * The name under which a lax parser may look a key up. Go and cJSON ignore case, Go by Unicode folding (ſ is s, K is
 * k), Java maps ı to i; C strings end at NUL; some parsers drop what is not valid or not visible.
 */
function fold(key: string): string {
  const folded = key.toUpperCase().toLowerCase();
  // oxlint-disable-next-line no-control-regex -- NUL is what this looks for
  return folded.replaceAll(/\0[^]*|[^\u0020-\u007e]/g, "");
}

export function knownKeys(keys: Iterable<string>): KnownKeys {
  const exact = new Set(keys);
  return { exact, folded: new Set(Array.from(exact, fold)) };
}

/**
 * Why two parsers may read this object differently, or undefined when they cannot: a key that stands twice (they
 * take the first or the last), a variant of a known key (some take it for the known one), or a key with an escape
 * (JSON.parse of V8 12.8 and later reads it as another key that it has seen in an object of the same shape:
 * nodejs/node#63785). RFC 7493 section 2.3 forbids the first; all of them let a sender show the server one identity
 * and the receiver another.
 */
export function ambiguity(text: string, object: JsonObject, known: KnownKeys): string | undefined {
  return wrongKeys(writtenKeys(text), Object.keys(object).length) ?? variantKey(object, known);
}

/** As {@link ambiguity}, for an object that is a member of the one that `text` holds. */
export function innerAmbiguity(
  text: string,
  outer: JsonObject,
  inner: JsonObject,
  known: KnownKeys,
): string | undefined {
  const counts = Object.values(outer).map((value) =>
    isObject(value) ? Object.keys(value).length : 0,
  );
  const kept = counts.reduce((sum, count) => sum + count, 0);
  return wrongKeys(writtenKeys(text, 2), kept) ?? variantKey(inner, known);
}

function wrongKeys({ count, escaped }: WrittenKeys, kept: number): string | undefined {
  if (escaped) return "it has a key with a backslash; write keys without escapes";
  return count === kept ? undefined : "it has a key twice; send it once";
}

function variantKey(object: JsonObject, known: KnownKeys): string | undefined {
  const found = Object.keys(object).some(
    (key) => !known.exact.has(key) && known.folded.has(fold(key)),
  );
  return found
    ? "it has a key that differs from a known key in case or invisible characters only; write it exactly"
    : undefined;
}
