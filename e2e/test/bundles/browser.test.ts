import { isBuiltin } from "node:module";
import { build, type BuildResult, type Metafile } from "esbuild";
import ts from "typescript";
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
const ofNode = /(?<![\w.$"'`-])(?:process\.|Buffer\b\.|Buffer\(|require\(|__dirname)/;

const packages = ["domain", "protocol", "transport", "webrtc", "client"];

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

/** What TypeScript says about the code of a page that goes through a bundler, without the types of Node. */
function complaints(code: string): string[] {
  const file = `${import.meta.dirname}/page.ts`;
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ["browser"],
    types: [],
    strict: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const onDisk = { ...host };
  host.fileExists = (name) => name === file || onDisk.fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === file
      ? ts.createSourceFile(name, code, version)
      : onDisk.getSourceFile(name, version, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("the types for a browser", () => {
  it("need no types of Node, and do not have what accepts connections", () => {
    const imports = packages.map((name, index) => `import * as p${index} from "@conic/${name}";`);
    const found = complaints(`${imports.join("\n")}
      import { acceptWebSockets } from "@conic/transport";
      export type Option = Parameters<typeof p${packages.indexOf("transport")}.dialWebSocket>;`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("no exported member 'acceptWebSockets'");
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
