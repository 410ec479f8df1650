import { describe, expect, it } from "vitest";
import {
  exceptions,
  isPermissive,
  licenceProblems,
  optionalProblems,
  readLicences,
} from "../lib/licences.mjs";

const encoder = { name: "enc", licence: "LGPL-2.1", reason: "a peer", optional: true };

/** @param {Partial<import("../lib/workspace.mjs").Manifest>} manifest */
function workspace(manifest) {
  return { dir: "packages/codec", manifest: { name: "@conic/codec", ...manifest } };
}

describe("licences of dependencies", () => {
  it("are permissive when every part, or one choice, is", () => {
    const good = ["MIT", "(MIT OR GPL-3.0)", "MIT OR GPL-3.0", "MIT AND ISC", "Apache-2.0"];
    const bad = ["GPL-3.0", "MIT AND GPL-3.0", "", "Unknown", "(MIT OR GPL-3.0) AND LGPL-2.1"];
    expect(good.filter((licence) => !isPermissive(licence))).toEqual([]);
    expect(bad.filter((licence) => isPermissive(licence))).toEqual([]);
  });

  it("that are not on the list are named, but for exceptions of that package and licence", () => {
    const dependencies = [
      { name: "a", licence: "MIT" },
      { name: "b", licence: "GPL-3.0" },
      { name: "enc", licence: "LGPL-2.1" },
      { name: "@x/linux", licence: "MPL-2.0" },
    ];
    const platform = { name: "@x/*", licence: "MPL-2.0", reason: "binaries" };
    expect(licenceProblems(dependencies, [encoder, platform])).toEqual([
      "b has the licence GPL-3.0, which is not on the list",
    ]);
    expect(licenceProblems([{ name: "enc", licence: "GPL-3.0" }], [encoder])).toEqual([
      "enc has the licence GPL-3.0, which is not on the list",
      "no dependency needs the exception of enc (LGPL-2.1)",
    ]);
  });

  it("with conditions come to nobody who did not ask: as optional peers only", () => {
    const peer = { peerDependencies: { enc: "1" } };
    const marked = { ...peer, peerDependenciesMeta: { enc: { optional: true } } };
    expect(optionalProblems([workspace(marked)], [encoder])).toEqual([]);
    expect(optionalProblems([workspace(peer)], [encoder])).toEqual([
      "packages/codec must mark its peer enc as optional",
    ]);
    expect(optionalProblems([workspace({ dependencies: { enc: "1" } })], [encoder])).toEqual([
      "packages/codec must not install enc: it may be an optional peer only",
    ]);
  });

  it("are read from what pnpm prints", () => {
    expect(readLicences('{"MIT":[{"name":"a"},{"name":"b"}],"ISC":[{"name":"c"}]}')).toEqual([
      { name: "a", licence: "MIT" },
      { name: "b", licence: "MIT" },
      { name: "c", licence: "ISC" },
    ]);
    expect(readLicences("No licenses in packages found\n")).toEqual([]);
  });

  it("have a reason when they are excepted", () => {
    const all = [...exceptions.production, ...exceptions.development];
    expect(all.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });
});
