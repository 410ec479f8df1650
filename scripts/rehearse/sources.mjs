// Programs that use every package, made from the names of the packages.

/**
 * @typedef {object} SourceFile
 * @property {string} file
 * @property {string} code
 */

/**
 * Programs that print what each package exports, as one line of JSON.
 * @param {readonly string[]} names of packages
 * @returns {{ esm: SourceFile, cjs: SourceFile }}
 */
export function valueSources(names) {
  const show = (/** @type {readonly string[]} */ imports) =>
    [
      ...imports,
      "",
      `console.log(JSON.stringify({ ${names.map((name, i) => `"${name}": Object.keys(m${i})`).join(", ")} }));`,
      "",
    ].join("\n");
  return {
    esm: {
      file: "all.mjs",
      code: show(names.map((name, i) => `import * as m${i} from "${name}";`)),
    },
    cjs: {
      file: "all.cjs",
      code: show(names.map((name, i) => `const m${i} = require("${name}");`)),
    },
  };
}

/**
 * Programs that a compiler has to accept, and one line in each that it has to refuse: types that are not found are `any`.
 * @param {readonly string[]} names
 * @param {"nodenext" | "bundler"} resolution
 * @returns {SourceFile[]}
 */
export function typeSources(names, resolution) {
  const use = (/** @type {(name: string, i: number) => string} */ line) =>
    names
      .flatMap((name, i) => [
        line(name, i),
        `Object.keys(m${i}) satisfies string[];`,
        "// @ts-expect-error no package exports this",
        `void m${i}.thisIsNotExported;`,
        "",
      ])
      .join("\n");
  const esm = use((name, i) => `import * as m${i} from "${name}";`);
  if (resolution === "bundler") return [{ file: "all.ts", code: esm }];
  const cjs = use((name, i) => `import m${i} = require("${name}");`);
  return [
    { file: "all.mts", code: esm },
    { file: "all.cts", code: cjs },
  ];
}

/**
 * @param {"nodenext" | "bundler"} resolution
 */
export function typeConfig(resolution) {
  return {
    compilerOptions: {
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      noEmit: true,
      target: "es2023",
      lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
      types: ["node"],
      module: resolution === "bundler" ? "preserve" : "nodenext",
      moduleResolution: resolution,
    },
  };
}
