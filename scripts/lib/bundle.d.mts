import type { Options } from "tsup";

export interface Notice {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

export declare const bundleNotices: NonNullable<Options["esbuildPlugins"]>[number];
export declare function packageFolder(file: string): string | undefined;
export declare function licensesText(notices: readonly Notice[]): string;
export declare function withoutForeignSources(text: string): string;
