import type { Machine } from "./lib/chromium.mjs";

/** Path of an installed Chromium or Chrome; `CHROMIUM` of the environment goes first. */
export function findChromium(machine?: Partial<Machine>): string | undefined;

/** What every Chromium of a test is started with, beside being headless. */
export const chromiumFlags: readonly string[];

/** Flag for real addresses in candidates, instead of `….local` names. */
export const realAddresses: string;
