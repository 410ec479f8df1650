// The layers of scripts/lib/layers.mjs, checked on every import.
import { bundled, layers, schemaHomes, vendorHomes } from "./scripts/lib/layers.mjs";

/** @param {string} text */
const escaped = (text) => text.replaceAll(".", "\\.");

/** @param {readonly string[]} paths */
const anyOf = (paths) => `^(${paths.map((path) => escaped(path)).join("|")})`;

/**
 * @param {string} name
 * @param {string} comment
 * @param {import("dependency-cruiser").IRegularForbiddenRuleType["from"]} from
 * @param {import("dependency-cruiser").IRegularForbiddenRuleType["to"]} to
 * @returns {import("dependency-cruiser").IForbiddenRuleType}
 */
const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const layerRules = Object.entries(layers).map(([folder, { conic }]) => {
  const own = folder.startsWith("apps/") ? [folder, ...conic, ...bundled] : [folder, ...conic];
  return rule(
    `layer-${folder.replace("/", "-")}`,
    `${folder} may import: ${conic.join(", ") || "no other workspace"}`,
    { path: `^${folder}/src/` },
    {
      path: "^(packages|apps|internal|browser|e2e|interop|examples|bench|scripts)/",
      pathNot: anyOf(own.map((path) => `${path}/`)),
    },
  );
});

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const vendorRules = vendorHomes.flatMap(({ vendor, home }) => [
  rule(
    `vendor-${vendor}`,
    `only ${home} knows ${vendor}`,
    { path: "^(packages|apps|internal)/[^/]+/src/", pathNot: `^${home}` },
    { path: `(^|/)node_modules/(@types/)?${vendor}/` },
  ),
  {
    name: `vendor-${vendor}-one-file`,
    comment: `one file of ${home} imports ${vendor} and gives it a shape of our own`,
    severity: "error",
    module: { path: `(^|/)node_modules/(@types/)?${vendor}/`, numberOfDependentsMoreThan: 1 },
    from: { path: `^${home}` },
  },
]);

/** @type {import("dependency-cruiser").IConfiguration} */
// oxlint-disable-next-line import/no-default-export -- depcruise reads the default export
export default {
  forbidden: [
    rule("no-circular", "a cycle has no layer", {}, { circular: true }),
    rule(
      "no-undeclared",
      "what is imported is declared in the package's own package.json",
      // The contract suites use the root's vitest and fast-check, as every test does.
      { pathNot: "^internal/testing/" },
      // An optional peer is declared; that it is a development dependency too, for the tests, hides it.
      {
        dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"],
        dependencyTypesNot: ["npm-peer"],
      },
    ),
    rule("no-unresolvable", "an import that nothing answers", {}, { couldNotResolve: true }),
    rule(
      "no-dev-dependency",
      "users of a package do not get its devDependencies; those of an app are bundled",
      { path: "^packages/[^/]+/src/" },
      { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm-peer"] },
    ),
    rule(
      "no-deep-import",
      "a package is its index.ts",
      { path: "^((?:packages|apps|internal)/[^/]+|e2e|interop|bench)/" },
      {
        path: "^(packages|internal)/[^/]+/",
        pathNot: "^$1/|^(packages|internal)/[^/]+/src/index\\.ts$",
      },
    ),
    rule(
      "no-relative-import",
      "another package is imported by its name",
      { path: "^((?:packages|apps|internal)/[^/]+)/src/" },
      { path: "^(packages|apps|internal)/", pathNot: "^$1/", dependencyTypes: ["local"] },
    ),
    ...layerRules,
    ...vendorRules,
    rule(
      "vendor-zod",
      `only ${schemaHomes.join(" and ")} hold schemas`,
      { path: "^(packages|apps|internal)/[^/]+/src/", pathNot: anyOf(schemaHomes) },
      { path: "(^|/)node_modules/zod/" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@conic/source", "import", "types", "default"],
    },
  },
};
