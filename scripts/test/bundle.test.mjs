import { describe, expect, it } from "vitest";
import { licensesText, packageFolder, withoutForeignSources } from "../lib/bundle.mjs";

/** @param {string} name @param {string} [license] */
const notice = (name, license = "MIT") => ({ name, version: "1.2.3", license, text: `by ${name}` });

describe("the licences of a bundle", () => {
  it("are those of each package in it, in the order of their names", () => {
    const text = licensesText([notice("ws"), notice("@noble/curves"), notice("jose", "ISC")]);
    expect(
      [...text.matchAll(/^(\S+) 1\.2\.3\nLicence: (\S+)\n\nby \1$/gm)].map(([, ...x]) => x),
    ).toEqual([
      ["@noble/curves", "MIT"],
      ["jose", "ISC"],
      ["ws", "MIT"],
    ]);
  });

  it("name a package that has no file of its own for it", () => {
    expect(licensesText([{ ...notice("ws"), text: "" }])).toMatch(/^ws 1\.2\.3\nLicence: MIT\n$/m);
  });

  it("refuse what asks for more than its text, and what has none", () => {
    const notices = [notice("ws"), notice("mediabunny", "MPL-2.0"), notice("odd", "")];
    expect(() => licensesText(notices)).toThrow("mediabunny (MPL-2.0), odd (none)");
  });
});

describe("the package of a file", () => {
  it("is the innermost folder in node_modules", () => {
    const store = "../../node_modules/.pnpm/ws@8/node_modules";
    expect(packageFolder(`${store}/ws/lib/sender.js`)).toBe(`${store}/ws`);
    expect(packageFolder(`${store}/@noble/curves/esm/p256.js`)).toBe(`${store}/@noble/curves`);
  });

  it("is none for sources of the repository", () => {
    expect(packageFolder("../../packages/server/dist/index.js")).toBeUndefined();
    expect(packageFolder("src/main.ts")).toBeUndefined();
  });
});

describe("the source map of a bundle", () => {
  it("has the text of our sources, and only the names of others'", () => {
    const map = {
      version: 3,
      sources: ["../src/main.ts", "../../../node_modules/ws/index.js"],
      sourcesContent: ["ours", "theirs"],
      mappings: "AAAA",
    };
    expect(JSON.parse(withoutForeignSources(JSON.stringify(map)))).toEqual({
      ...map,
      sourcesContent: ["ours", null],
    });
  });
});
