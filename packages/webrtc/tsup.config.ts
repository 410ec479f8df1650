import { defineConfig } from "tsup";
import { libraryWithBrowser } from "../../tsup.preset.ts";

// With the types of a page, which those of the browser's entry are made of.
const tsconfig = "src/browser/tsconfig.json";

export default defineConfig(libraryWithBrowser.map((build) => ({ ...build, tsconfig })));
