type Sequence = readonly [isText: boolean, octets: Buffer];

export interface SequenceGroup {
  /** Second part of the number of the cases. */
  readonly number: number;
  readonly what: string;
  readonly octets: readonly Sequence[];
}

const yes = (...hex: readonly string[]): Sequence[] =>
  hex.map((text) => [true, Buffer.from(text, "hex")]);
const no = (...hex: readonly string[]): Sequence[] =>
  hex.map((text) => [false, Buffer.from(text, "hex")]);

const greek = "cebae1bdb9cf83cebcceb5";
/** Lengths of the Greek text at which a character ends. */
const wholeAt = new Set([2, 5, 7, 9, 11]);

const prefixes: readonly Sequence[] = Array.from({ length: 11 }, (_, i) => [
  wholeAt.has(i + 1),
  Buffer.from(greek, "hex").subarray(0, i + 1),
]);

/** Octets from `first` to `last` without that one, as the suite has them, each followed by `behind`. */
function run(first: number, last: number, behind: readonly number[] = []): Buffer {
  return Buffer.from(Array.from({ length: last - first }, (_, i) => [first + i, ...behind]).flat());
}

const lonely: readonly Sequence[] = (
  [
    [0xc0, 0xdf],
    [0xe0, 0xef],
    [0xf0, 0xf7],
    [0xf8, 0xfb],
    [0xfc, 0xfd],
  ] as const
).map(([first, last]) => [false, run(first, last, [0x20])]);

const cutOff = "c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf".split(" ");

/** U+nFFFE and U+nFFFF of every plane: no characters, and yet well-formed (RFC 3629). */
const nonCharacters = Array.from({ length: 17 }, (_, plane) =>
  [0xfffe, 0xffff].map((low) => plane * 0x10000 + low),
)
  .flat()
  .map((codePoint) => Buffer.from(String.fromCodePoint(codePoint)).toString("hex"));

/** 6.5 to 6.23. */
export const sequences: readonly SequenceGroup[] = [
  {
    number: 5,
    what: "valid",
    octets: [
      ...["$", "¢", "€", "𤭢"].map((char): Sequence => [true, Buffer.from(`hello${char}world`)]),
      ...yes(greek),
    ],
  },
  { number: 6, what: "a prefix of Greek text", octets: prefixes },
  { number: 7, what: "the first of its length", octets: yes("00", "c280", "e0a080", "f0908080") },
  { number: 8, what: "the first of 5 and 6 octets", octets: no("f888808080", "fc8480808080") },
  { number: 9, what: "the last of its length", octets: yes("7f", "dfbf", "efbfbf", "f48fbfbf") },
  {
    number: 10,
    what: "the last of 4, 5 and 6 octets",
    octets: no("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
  },
  {
    number: 11,
    what: "beside a bound",
    octets: [...yes("ed9fbf", "ee8080", "efbfbd", "f48fbfbf"), ...no("f4908080")],
  },
  {
    number: 12,
    what: "a continuation of nothing",
    octets: [
      ...no("80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"),
      [false, run(0x80, 0xbf)],
    ],
  },
  { number: 13, what: "lonely first octets", octets: lonely },
  { number: 14, what: "without its last octet", octets: no(...cutOff) },
  { number: 15, what: "all of these in a row", octets: no(cutOff.join("")) },
  { number: 16, what: "octets that never are", octets: no("fe", "ff", "fefeffff") },
  {
    number: 17,
    what: "a slash, too long",
    octets: no("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
  },
  {
    number: 18,
    what: "the last that is too long",
    octets: no("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
  },
  {
    number: 19,
    what: "NUL, too long",
    octets: no("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
  },
  {
    number: 20,
    what: "a surrogate",
    octets: no("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
  },
  {
    number: 21,
    what: "a pair of surrogates",
    octets: no(
      ...["eda080", "edadbf", "edae80", "edafbf"].flatMap((high) =>
        ["edb080", "edbfbf"].map((low) => high + low),
      ),
    ),
  },
  { number: 22, what: "no character", octets: yes(...nonCharacters) },
  {
    number: 23,
    what: "special",
    octets: yes("efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"),
  },
];
