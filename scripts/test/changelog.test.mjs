import { describe, expect, it } from "vitest";
import { getDependencyReleaseLine, getReleaseLine } from "../changelog.mjs";
import { rootChangelog } from "../lib/root-changelog.mjs";

describe("the changelog of a package", () => {
  it("has one entry for a changeset, with its list below", () => {
    const summary = "Calls say why they fail.\n\n- In one word.\n- And in a sentence.\n";
    expect(getReleaseLine({ summary })).toBe(
      "- Calls say why they fail.\n  - In one word.\n  - And in a sentence.",
    );
  });

  it("names newer dependencies in one line, and is silent without any", () => {
    const updated = [
      { name: "@conic/domain", newVersion: "0.2.0" },
      { name: "@conic/hub", newVersion: "0.1.1" },
    ];
    expect(getDependencyReleaseLine([], updated)).toBe(
      "- Comes with `@conic/domain` 0.2.0, `@conic/hub` 0.1.1.",
    );
    expect(getDependencyReleaseLine([], [])).toBe("");
  });
});

describe("the changelog of the repository", () => {
  const hub =
    "# @conic/hub\n\n## 0.10.0\n\n### Minor Changes\n\n- Rooms.\n  - Of any size.\n\n## 0.2.0\n\n### Patch Changes\n\n- Comes with `@conic/domain` 0.2.0.\n\n## 0.1.0\n\n- First.\n";
  const audio = "# @conic/audio\n\n## 0.10.0\n\n### Patch Changes\n\n- Quieter.\n";

  it("goes from the newest version to the oldest, with all packages of each", () => {
    const text = rootChangelog([
      { name: "@conic/audio", text: audio },
      { name: "@conic/hub", text: hub },
    ]);
    expect(text.slice(text.indexOf("## "))).toBe(
      "## 0.10.0\n\n### @conic/audio\n\n- Quieter.\n\n### @conic/hub\n\n- Rooms.\n  - Of any size.\n\n## 0.1.0\n\n### @conic/hub\n\n- First.\n",
    );
  });

  it("leaves out versions that bring newer dependencies alone", () => {
    expect(rootChangelog([{ name: "@conic/hub", text: hub }])).not.toContain("0.2.0");
  });
});
