import { defineConfig } from "tsup";
import { app } from "../../tsup.preset.ts";

export default defineConfig(app);
