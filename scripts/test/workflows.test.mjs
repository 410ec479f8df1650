import { describe, expect, it } from "vitest";
import { houseProblems, lintFindings } from "../lib/workflows.mjs";

const sha = "3d3c42e5aac5ba805825da76410c181273ba90b1";
const sound = `name: CI
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@${sha} # v7.0.1
      - run: pnpm test
`;

/** @param {string} text */
function house(text) {
  return houseProblems([{ file: "ci.yml", text }], ["test"]);
}

describe("workflows", () => {
  it("are sound when actionlint and the house have nothing to say", async () => {
    expect(await lintFindings([{ file: "ci.yml", text: sound }])).toEqual([]);
    expect(house(sound)).toEqual([]);
  });

  it("are read by actionlint", async () => {
    const text = sound
      .replace("pnpm test", "echo ${{ matrix.nothing }}")
      .replace("  test:", "  te st:");
    expect((await lintFindings([{ file: "ci.yml", text }])).join("\n")).toMatch(
      /ci\.yml:6:3: invalid job ID "te st"[^]*ci\.yml:11:\d+: property "nothing" is not defined/,
    );
  });

  it.each([
    ["actions/checkout@v7", "@v7"],
    ["a tag behind", `@${sha} # v7`],
    ["no version", `@${sha}`],
    ["a short SHA", `@${sha.slice(0, 12)} # v7.0.1`],
  ])("pin actions by commit, not by %s", (_, pin) => {
    expect(house(sound.replace(`@${sha} # v7.0.1`, pin))).toEqual([
      "ci.yml:10: actions/checkout must be pinned by the SHA of a commit, with its version behind: @… # v1.2.3",
    ]);
  });

  it("pin one commit of a repository, whichever of its actions they use", () => {
    const other = `      - uses: actions/checkout/sub@${sha.replace("3", "4")} # v7.0.2\n`;
    expect(house(sound + other)).toEqual([
      `ci.yml:12: actions/checkout/sub has another pin than above: @${sha} # v7.0.1`,
    ]);
  });

  it.each(["pnpm nothing", "npm test", "pnpm test && rm x", "|", "pnpm test --if-present"])(
    "run scripts of the repository, not `%s`",
    (command) => {
      expect(house(sound.replace("pnpm test", command))).toEqual([
        `ci.yml:11: \`${command}\` must be a script of package.json, so that it runs elsewhere too`,
      ]);
    },
  );

  it("say what their token may do, and how long a job may take", () => {
    const text = sound.replace(/^permissions:\n.*\n/m, "").replace("    timeout-minutes: 5\n", "");
    expect(house(text)).toEqual([
      "ci.yml: permissions of the token are missing",
      "ci.yml: job test has no timeout-minutes",
    ]);
  });
});
