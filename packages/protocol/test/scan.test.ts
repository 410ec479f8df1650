import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findStringValue, writtenKeys } from "../src/json/scan.js";

// What a scanner stumbles over, in keys and in values.
const tricky = fc.string({
  unit: fc.constantFrom('"', "\\", "{", "}", "[", "]", ":", ",", "a", "\n"),
});
const value = fc.oneof(
  tricky,
  // JSON has no -0.
  fc.jsonValue().map((json) => JSON.parse(JSON.stringify(json)) as unknown),
  fc.dictionary(tricky, tricky, { noNullPrototype: true }),
  fc.array(tricky),
);
const object = fc.dictionary(tricky, value, { noNullPrototype: true });
const plainKey = tricky.map((key) => key.replaceAll(/["\\\n]/g, ""));
const indent = fc.constantFrom(0, 2, "\t");

describe("the members of a JSON text", () => {
  it("are counted as they are written", () => {
    fc.assert(
      fc.property(object, indent, (members, space) => {
        const text = JSON.stringify(members, null, space);
        const keys = Object.keys(members);
        const escaped = keys.some((key) => /["\\\n]/.test(key));
        expect(writtenKeys(text)).toStrictEqual({ count: keys.length, escaped });
      }),
      { numRuns: 2000 },
    );
  });

  it("are counted each time when they are equal", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(tricky, value)), (members) => {
        const list = members.map((member) => member.map((part) => JSON.stringify(part)).join(":"));
        expect(writtenKeys(`{${list.join(",")}}`).count).toBe(members.length);
      }),
      { numRuns: 2000 },
    );
  });

  it("are found where they stand", () => {
    fc.assert(
      fc.property(object, plainKey, tricky, indent, (members, key, content, space) => {
        const all = { ...members, [key]: content };
        const text = JSON.stringify(all, null, space);
        const token = findStringValue(text, key);
        expect(text.slice(token?.start, token?.end)).toBe(JSON.stringify(content));
        const replaced =
          text.slice(0, token?.start) + JSON.stringify("new") + text.slice(token?.end);
        // Not parsed: JSON.parse of Node 24 and 26 takes some escaped keys for others (nodejs/node#63785).
        expect(replaced).toBe(JSON.stringify({ ...all, [key]: "new" }, null, space));
      }),
      { numRuns: 2000 },
    );
  });

  it("are not found where there are none", () => {
    expect(findStringValue('{"x":{"raw":"nested"},"y":"raw"}', "raw")).toBeUndefined();
  });

  it("that are no JSON after all do not keep the scanner going", () => {
    fc.assert(
      fc.property(tricky, (text) => {
        expect(writtenKeys(text).count).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});
