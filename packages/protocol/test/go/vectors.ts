import { readdirSync, readFileSync } from "node:fs";

export interface GoVector {
  readonly name: string;
  readonly direction: "client-to-server" | "server-to-client";
  readonly frame: string;
  readonly decoded?: unknown;
  readonly error?: string;
  readonly errorId?: string;
  readonly forward?: {
    readonly sender: string;
    readonly unchanged?: true;
    readonly stamped?: true;
    readonly translated?: unknown;
    readonly error?: string;
  };
}

export interface Translation {
  readonly name: string;
  readonly frame: string;
  readonly go: string;
}

const folder = new URL("../../vectors/go/", import.meta.url);

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8"));
}

export const goVectorFiles: readonly string[] = ["recorded.json", "rules.json"];

export function readGoVectors(file: string): readonly GoVector[] {
  return (read(file) as { vectors: GoVector[] }).vectors;
}

export function readTranslations(): readonly Translation[] {
  return (read("to-go.json") as { translations: Translation[] }).translations;
}

export function goVectorFolder(): readonly string[] {
  return readdirSync(folder);
}
