import type { Machine } from "./lib/chromium.mjs";

/** Path of an installed Chromium or Chrome; `CHROMIUM` of the environment goes first. */
export function findChromium(machine?: Partial<Machine>): string | undefined;
