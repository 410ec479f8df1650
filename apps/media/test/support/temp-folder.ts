import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A folder for each test of a file, removed after it. Returns where a name in it is. */
export function tempFolder(): (name?: string) => string {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "conic-media-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  return (name = "") => join(folder, name);
}
