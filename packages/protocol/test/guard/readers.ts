// Parsers of JSON that differ where the standard lets them, or where they are lax: what a receiver may be written with.

export type Value = string | number | boolean | null | readonly Value[] | Members;

/** An object as it is written, equal keys and all. */
export interface Members {
  readonly members: readonly (readonly [key: string, value: Value])[];
}

const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literalToken = /true|false|null/y;
// oxlint-disable-next-line no-control-regex -- RFC 8259 section 7: strings hold none
const stringToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const spaceToken = /[ \t\n\r]*/y;
const short: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Value {
    const value = this.#value();
    if (this.#at !== this.#text.length) throw new SyntaxError(`more at ${this.#at}`);
    return value;
  }

  #token(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #take(char: string): boolean {
    this.#token(spaceToken);
    if (this.#text.charAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }

  #expect(char: string): void {
    if (!this.#take(char)) throw new SyntaxError(`no ${char} at ${this.#at}`);
  }

  #string(): string {
    this.#token(spaceToken);
    const token = this.#token(stringToken);
    if (token === undefined) throw new SyntaxError(`no string at ${this.#at}`);
    return token
      .slice(1, -1)
      .replaceAll(/\\(?:u([\dA-Fa-f]{4})|(.))/g, (_all, code?: string, char?: string) =>
        code === undefined
          ? (short[char ?? ""] ?? char ?? "")
          : String.fromCharCode(Number.parseInt(code, 16)),
      );
  }

  #value(): Value {
    this.#token(spaceToken);
    const value = this.#bare();
    this.#token(spaceToken);
    return value;
  }

  #bare(): Value {
    const next = this.#text.charAt(this.#at);
    if (next === "{") return this.#object();
    if (next === "[") return this.#array();
    if (next === '"') return this.#string();
    const literal = this.#token(literalToken);
    if (literal !== undefined) return literal === "null" ? null : literal === "true";
    const number = this.#token(numberToken);
    if (number === undefined) throw new SyntaxError(`no value at ${this.#at}`);
    return Number(number);
  }

  #object(): Members {
    this.#expect("{");
    const members: [string, Value][] = [];
    if (this.#take("}")) return { members };
    do {
      const key = this.#string();
      this.#expect(":");
      members.push([key, this.#value()]);
    } while (this.#take(","));
    this.#expect("}");
    return { members };
  }

  #array(): Value[] {
    this.#expect("[");
    const items: Value[] = [];
    if (this.#take("]")) return items;
    do items.push(this.#value());
    while (this.#take(","));
    this.#expect("]");
    return items;
  }
}

/** @throws SyntaxError for what is no JSON by RFC 8259. */
export function read(text: string): Value {
  return new Reader(text).whole();
}

/** How a parser looks a key up in an object. */
export type Lookup = (object: Members, key: string) => Value | undefined;

const values = (object: Members, matches: (key: string) => boolean): Value[] =>
  object.members.filter(([key]) => matches(key)).map(([, value]) => value);

/** As Go and cJSON compare: without case, and with the letters that Unicode folds to ASCII ones. */
const folded = (key: string): string =>
  key.toLowerCase().replaceAll("ſ", "s").replaceAll("ı", "i").replaceAll("\u212a", "k");
/** As C does with strings, and those that drop what cannot be seen. */
const visible = (key: string): string => (key.split("\0")[0] ?? "").replaceAll(/[^ -~]/g, "");

export const lookups: Readonly<Record<string, Lookup>> = {
  "the first of equal keys": (object, key) => values(object, (name) => name === key)[0],
  "the last of equal keys": (object, key) => values(object, (name) => name === key).at(-1),
  "the first, without case": (object, key) =>
    values(object, (name) => folded(name) === folded(key))[0],
  "the last, without case": (object, key) =>
    values(object, (name) => folded(name) === folded(key)).at(-1),
  "the last, of what is visible": (object, key) =>
    values(object, (name) => visible(name) === key).at(-1),
};
