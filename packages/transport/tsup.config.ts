import { defineConfig } from "tsup";
import { libraryWithBrowser } from "../../tsup.preset.ts";

export default defineConfig(libraryWithBrowser);
