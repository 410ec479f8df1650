import { isBuiltin } from "node:module";
import { build, type BuildResult, type Metafile } from "esbuild";
import { describe, expect, it } from "vitest";

/** A bundle for a page: the built packages, by the conditions that esbuild has for browsers, with nothing left out. */
async function bundle(code: string): Promise<{ text: string; metafile: Metafile }> {
  const result: BuildResult<{ write: false; metafile: true }> = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return { text: result.outputFiles[0]?.text ?? "", metafile: result.metafile };
}

/** Identifiers of Node that the code of a page must not use; as words, for strings and comments may hold them. */
const ofNode =
  /(?<![\w.$"'`-])(?:process\.|Buffer\b\.|Buffer\(|setImmediate\(|require\(|__dirname)/;

const packages = ["domain", "protocol", "transport"];

describe.each(packages)("a bundle of @conic/%s for a browser", (name) => {
  it("needs nothing of Node, no polyfill and no library for Node", async () => {
    const { text, metafile } = await bundle(
      `import * as all from "@conic/${name}"; globalThis.all = all;`,
    );
    const inputs = Object.keys(metafile.inputs);
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
    expect(inputs.some((file) => file.includes(`packages/${name}/dist/`))).toBe(true);
    expect(imports).toEqual([]);
    expect(inputs.filter((file) => /node_modules\/(ws|werift)\//.test(file))).toEqual([]);
    expect(inputs.filter((file) => isBuiltin(file) || file.startsWith("(disabled)"))).toEqual([]);
    expect(ofNode.exec(text)?.[0]).toBeUndefined();
  });
});

describe("a bundle for a browser", () => {
  it("cannot be made of what accepts connections: the bundler says that it is missing", async () => {
    const failing = bundle(
      `import { acceptWebSockets } from "@conic/transport"; acceptWebSockets();`,
    );
    await expect(failing).rejects.toThrow(/No matching export .* for import "acceptWebSockets"/);
  });

  it("would be refused with a module of Node in it", async () => {
    await expect(bundle(`import fs from "node:fs"; fs.readFileSync("x");`)).rejects.toThrow(
      "node:fs",
    );
    expect(ofNode.exec(`a = process.env.X`)?.[0]).toBe("process.");
    expect(ofNode.exec(`a = Buffer.from("")`)?.[0]).toBe("Buffer.");
  });
});
