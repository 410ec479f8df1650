import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { goVectorFiles } from "./go/vectors.js";
import { vectorFiles } from "./v1/vectors.js";

const vectors = new URL("../vectors/", import.meta.url);

function jsonFiles(folder: URL): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted();
}

describe("the vector files", () => {
  it("are all run", () => {
    expect(jsonFiles(vectors)).toStrictEqual([...vectorFiles, "candidates.json"].toSorted());
  });

  it("of the Go dialect are all run", () => {
    const go = jsonFiles(new URL("go/", vectors));
    expect(go).toStrictEqual([...goVectorFiles, "to-go.json"].toSorted());
  });
});
