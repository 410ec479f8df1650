import { Frame } from "@conic/domain";
import * as fc from "fast-check";

// Texts that are messages, nearly messages, or attacks on one: written token by token, since no JSON.stringify makes
// two equal keys or an odd escape.

const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, "0");

/** The characters of a JSON string as some writer may write them; `odd` also writes what is no JSON. */
function written(value: string, odd: boolean): fc.Arbitrary<string> {
  const plain = JSON.stringify(value).slice(1, -1);
  const everything = Array.from({ length: value.length }, (_, i) => `\\u${hex(value.charAt(i))}`);
  const oneEscaped = fc.nat({ max: Math.max(0, value.length - 1) }).map((at) => {
    const parts = Array.from({ length: value.length }, (_, i) =>
      JSON.stringify(value.charAt(i)).slice(1, -1),
    );
    if (value !== "") parts[at] = everything[at] ?? "";
    return parts.join("");
  });
  const broken = fc
    .constantFrom(
      "\n",
      "\u0000",
      "\t",
      String.raw`\x`,
      "\\",
      String.raw`\u12`,
      '"',
      "\u007f",
      "\uFEFF",
    )
    .map((piece) => `${plain}${piece}`);
  return fc.oneof(
    { weight: 40, arbitrary: fc.constant(plain) },
    { weight: 2, arbitrary: oneEscaped },
    { weight: 1, arbitrary: fc.constant(plain.replaceAll("/", String.raw`\/`)) },
    { weight: 1, arbitrary: fc.constant(everything.join("")) },
    { weight: odd ? 1 : 0, arbitrary: broken },
  );
}

const stringToken = (value: string, odd = true): fc.Arbitrary<string> =>
  written(value, odd).map((inner) => `"${inner}"`);

/** A key, or what one parser or another takes for it. */
function keyToken(key: string): fc.Arbitrary<string> {
  const variants = [
    key.toLowerCase(),
    key.toUpperCase(),
    `${key}\u200b`,
    `${key}\u0000`,
    key.replace(/s/i, "ſ"),
    key.replace(/I/i, "ı"),
    ` ${key}`,
  ];
  return fc.oneof(
    { weight: 40, arbitrary: fc.constant(`"${key}"`) },
    { weight: 1, arbitrary: fc.constantFrom(...variants).map((name) => JSON.stringify(name)) },
    { weight: 1, arbitrary: stringToken(key) },
  );
}

const nested = fc
  .tuple(fc.nat({ max: 400 }), fc.constantFrom("[", '{"a":', '{"ID":'))
  .map(([depth, open]) => {
    const close = open === "[" ? "]" : "}";
    return `${open.repeat(depth)}0${close.repeat(depth)}`;
  });

/** A value that is of another type than it should be, or any. */
const otherValue = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    "0",
    "-0",
    "1e3",
    "01",
    "1.",
    "[]",
    "{}",
    '""',
    "undefined",
    "NaN",
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  nested,
);

const mostly = (usual: fc.Arbitrary<string>, weight = 60): fc.Arbitrary<string> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: otherValue });

const space = fc.oneof(
  { weight: 30, arbitrary: fc.constant("") },
  { weight: 4, arbitrary: fc.constant(" ") },
  { weight: 1, arbitrary: fc.constantFrom("  ", "\n", "\t", "\r", "\u00a0", "\uFEFF", "\v") },
);

type Member = readonly [key: string, value: fc.Arbitrary<string>];

/** A member that nobody knows, among them those that parsers stumble over. */
const extra: fc.Arbitrary<Member> = fc
  .constantFrom(
    "x",
    "__proto__",
    "constructor",
    "toString",
    "ID",
    "TargetID",
    "raw",
    "type",
    "id",
    "",
  )
  .map((key) => [key, otherValue] as const);

const changedOrder = <T>(list: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(list) },
    { weight: 1, arbitrary: fc.shuffledSubarray([...list], { minLength: list.length }) },
    { weight: 1, arbitrary: fc.subarray([...list]) },
    // One of them twice, first or last.
    {
      weight: 1,
      arbitrary: fc.nat({ max: Math.max(0, list.length - 1) }).chain((at) => {
        const twice = list.slice(at, at + 1);
        return fc.constantFrom([...twice, ...list], [...list, ...twice]);
      }),
    },
  );

/** An object, one space style for all of its separators most of the time. */
function object(members: readonly Member[]): fc.Arbitrary<string> {
  const withExtra = fc.oneof(
    { weight: 12, arbitrary: fc.constant(members) },
    { weight: 1, arbitrary: extra.map((member) => [...members, member]) },
    { weight: 1, arbitrary: extra.map((member) => [member, ...members]) },
  );
  return withExtra.chain(changedOrder).chain((list) =>
    fc
      .tuple(
        fc.tuple(...list.map(([key, value]) => fc.tuple(keyToken(key), value))),
        space,
        space,
        fc.oneof({ weight: 20, arbitrary: fc.constant("") }, { weight: 1, arbitrary: space }),
      )
      .map(([pairs, colon, comma, edge]) => {
        const body = pairs.map(([key, value]) => `${key}:${colon}${value}`).join(`,${comma}`);
        return `{${edge}${body}${edge}}`;
      }),
  );
}

const idText = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom("alice", "bob", "mallory", "a.b_~@:-9") },
  { weight: 1, arbitrary: fc.constantFrom("", "a b", "ä", "x".repeat(64), "x".repeat(65), "a\n") },
);
const content = fc.oneof(
  fc.constantFrom("", "c", 'candidate:1 "x" \\ /', "v=0\r\na=x\r\n", '{"candidate":"c\\"d"}'),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ maxLength: 20 }),
);

const idValue = mostly(idText.chain((value) => stringToken(value)));
const textValue = mostly(content.chain((value) => stringToken(value)));
const descriptionType = fc
  .constantFrom("offer", "answer", "pranswer", "rollback", "Offer", "")
  .chain((value) => stringToken(value));
const description: readonly Member[] = [
  ["type", mostly(descriptionType)],
  ["sdp", textValue],
];
const ids: readonly Member[] = [
  ["ID", idValue],
  ["TargetID", idValue],
];
const count = fc.oneof(
  fc.maxSafeNat().map(String),
  fc.constantFrom(
    "0",
    "00",
    "-1",
    "1.5",
    "999999999999999",
    "9007199254740991",
    "9007199254740993",
  ),
);

const relayBodies: Readonly<Record<string, readonly Member[]>> = {
  candidate: [...ids, ["Candidate", textValue]],
  sdp: [...ids, ["SessionDescription", mostly(object(description))]],
  data_channel: [...ids, ["Label", textValue], ["Data", textValue]],
};
const registerBodies: Readonly<Record<string, readonly Member[]>> = {
  register: [
    ["ID", idValue],
    ["Token", textValue],
    ["Resume", textValue],
    ["Received", mostly(count)],
  ],
};
const bodies: Readonly<Record<string, readonly Member[]>> = {
  ...relayBodies,
  ack: [["Received", mostly(count)]],
  ...registerBodies,
};

function envelope(type: string, members: readonly Member[]): fc.Arbitrary<string> {
  const raw = object(members).chain((body) => stringToken(body));
  const correlation = fc
    .constantFrom("", "7", "x".repeat(64), "x".repeat(65), 'a"b', "é", "\ud83d\ude00")
    .chain((value) => stringToken(value));
  const typeValue = mostly(stringToken(type));
  const base: readonly Member[] = [
    ["type", typeValue],
    ["raw", mostly(raw, 200)],
  ];
  return fc.oneof(object(base), object([...base, ["id", mostly(correlation)]]));
}

/** Characters cut out and put in. */
function edited(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    "",
    '"',
    "\\",
    "{",
    "}",
    ":",
    ",",
    " ",
    "ID",
    "\0",
    "\\\\",
    '\\"',
    "\uFFFD",
  );
  const edit = fc.tuple(fc.nat(), fc.nat({ max: 4 }), piece);
  return fc.tuple(text, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([whole, edits]) => {
    let result = whole;
    for (const [position, cut, insert] of edits) {
      const at = position % (result.length + 1);
      result = result.slice(0, at) + insert + result.slice(at + cut);
    }
    return result;
  });
}

const textOf = (from: typeof bodies): fc.Arbitrary<string> => {
  const valid = fc.oneof(...Object.entries(from).map(([type, members]) => envelope(type, members)));
  return fc.oneof({ weight: 6, arbitrary: valid }, { weight: 1, arbitrary: edited(valid) });
};

/** Texts of messages that are forwarded, or look as if. */
export const relayText: fc.Arbitrary<string> = textOf(relayBodies);

/** Texts of `register`, or nearly. */
export const registerText: fc.Arbitrary<string> = textOf(registerBodies);

/** Frames of all messages that the guard knows, from text and from bytes, some of which are not UTF-8. */
export const guardedFrame: fc.Arbitrary<Frame> = fc
  .tuple(textOf(bodies), fc.nat({ max: 20 }), fc.nat(), fc.constantFrom(0xff, 0xc0, 0x80, 0xed))
  .map(([text, how, position, byte]) => {
    if (how < 10) return Frame.fromText(text);
    const bytes = new TextEncoder().encode(text);
    if (how === 20 && bytes.length > 0) bytes[position % bytes.length] = byte;
    return Frame.fromBytes(bytes);
  });
