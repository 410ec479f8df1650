import recorded from "../../vectors/go/recorded.json" with { type: "json" };
import rules from "../../vectors/go/rules.json" with { type: "json" };
import toGo from "../../vectors/go/to-go.json" with { type: "json" };

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

const files: Readonly<Record<string, unknown>> = {
  "recorded.json": recorded,
  "rules.json": rules,
};

export const goVectorFiles: readonly string[] = Object.keys(files);

export function readGoVectors(file: string): readonly GoVector[] {
  return (files[file] as { vectors: GoVector[] }).vectors;
}

export function readTranslations(): readonly Translation[] {
  return (toGo as { translations: Translation[] }).translations;
}
