import { readdirSync, readFileSync } from "node:fs";
import type { RandomSource } from "@conic/internal-testing";

interface Vectors {
  readonly vectors?: readonly { readonly frame?: string; readonly decoded?: unknown }[];
}

const folder = new URL("../../../../protocol/vectors/", import.meta.url);

/** Good frames count four times: what is handed on matters more than what is refused at once. */
function framesIn(url: URL): readonly string[] {
  const { vectors = [] } = JSON.parse(readFileSync(url, "utf8")) as Vectors;
  // A vector without a frame is of bytes that are no text.
  return vectors.flatMap(({ frame = "", decoded }) =>
    Array.from({ length: decoded === undefined ? 1 : 4 }, () =>
      frame
        .replace(/(\\*"from_id\\*" *: *\\*")[^"\\]*/, "$1alice")
        .replace(/(\\*"to_id\\*" *: *\\*")[^"\\]*/, "$1bob"),
    ),
  );
}

/** Every frame of the test vectors of a dialect, right and wrong ones. */
export function corpus(dialect: "conic.v1" | "go"): readonly string[] {
  const where = dialect === "go" ? new URL("go/", folder) : folder;
  const files = readdirSync(where).filter((name) => name.endsWith(".json"));
  return files.toSorted().flatMap((name) => framesIn(new URL(name, where)));
}

/** What breaks parsers, or ends up in prototypes, logs and regular expressions. */
const tokens: readonly string[] = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "null",
  "true",
  "-0",
  "1e999",
  "\\u0000",
  "\\ud800",
  '"__proto__":',
  '{"__proto__":{"polluted":1}}',
  '"constructor":{"prototype":{"polluted":1}}',
  '"ID":"bob"',
  '"ID":"alice",',
  String.raw`\"TargetID\":\"bob\"`,
  "toString",
  "hasOwnProperty",
  '"type":"sdp"',
  '"type":"register"',
  '"type":"join"',
  '"raw":"{}"',
  '"data":{}',
  '"id":"x"',
  "9007199254740993",
  "\u2028",
  "\ufeff",
  "\u0130",
  "ſ",
  "K",
  "\r\n",
  "${x}",
  "%00",
  "../",
  "v=0\r\n",
  "candidate:1 1 udp 1 192.0.2.1 9 typ host",
  "a".repeat(300),
  "\0",
];

const deepest = 400;

type Mutation = (text: string, pick: (below: number) => number, other: string) => string;

const mutations: readonly Mutation[] = [
  // One letter or digit becomes another: often within a string, and no harm to the syntax.
  (text, pick) => {
    const at = pick(text.length);
    const other = "abcXYZ0189"[pick(10)] ?? "";
    return /\w/.test(text[at] ?? "") ? text.slice(0, at) + other + text.slice(at + 1) : text;
  },
  // A member more, in front.
  (text, pick) => text.replace("{", `{"k${pick(9)}":${tokens[pick(tokens.length)] ?? ""},`),
  (text, pick) => text.replace("{", `{"k${pick(9)}":[${"[".repeat(pick(9))}],`),
  // A token put in, perhaps over something.
  (text, pick) => {
    const at = pick(text.length + 1);
    return text.slice(0, at) + (tokens[pick(tokens.length)] ?? "") + text.slice(at + pick(8));
  },
  // A piece out of it, or twice.
  (text, pick) => text.slice(0, pick(text.length + 1)) + text.slice(pick(text.length + 1)),
  // The beginning of one and the end of another.
  (text, pick, other) => text.slice(0, pick(text.length)) + other.slice(pick(other.length)),
  // One character becomes another.
  (text, pick) => {
    const at = pick(text.length);
    return text.slice(0, at) + String.fromCharCode(pick(256)) + text.slice(at + 1);
  },
  // Nested.
  (text, pick) => {
    const depth = pick(deepest);
    return pick(2) === 0
      ? "[".repeat(depth) + text + "]".repeat(depth)
      : '{"raw":'.repeat(depth) + text + "}".repeat(depth);
  },
  // Text within text.
  (text) => JSON.stringify(text),
  (text) => JSON.stringify({ type: "candidate", raw: text }),
  // Cut off.
  (text, pick) => text.slice(0, pick(text.length + 1)),
];

/** A frame of the corpus, changed up to three times. */
export function mutate(frames: readonly string[], random: RandomSource): string {
  const pick = (below: number): number => Math.floor(random() * below);
  let text = frames[pick(frames.length)] ?? "";
  for (let left = pick(4); left > 0; left -= 1) {
    const mutation = mutations[pick(mutations.length)] ?? mutations[0];
    text = mutation?.(text, pick, frames[pick(frames.length)] ?? "") ?? text;
  }
  return text;
}
