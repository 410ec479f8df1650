import { extname } from "node:path";
import type { FileHandle } from "node:fs/promises";
import type { OpusCodec } from "@conic/domain";
import { usageError } from "@conic/internal-cli";
import { Draft } from "../files/atomic-file.js";
import { FileRecorder } from "./file-recorder.js";
import type { MediaKind, RecordingFormat } from "./formats/format.js";
import { IvfFormat } from "./formats/ivf.js";
import { oggFormat } from "./formats/ogg.js";
import { wavFormat } from "./formats/wav.js";
import { WebmFormat } from "./formats/webm.js";
import type { Recorder } from "./recording.js";

export type { MediaKind } from "./formats/format.js";
export type { Recorder, RecordingSummary } from "./recording.js";

export interface RecorderOptions {
  /** What may come. */
  readonly kinds: readonly MediaKind[];
  /** Decodes for a WAV file. */
  readonly opus: OpusCodec;
}

interface FormatEntry {
  readonly kinds: readonly MediaKind[];
  readonly open: (handle: FileHandle, options: RecorderOptions) => Promise<RecordingFormat>;
}

const formats: Readonly<Record<string, FormatEntry>> = {
  ".wav": { kinds: ["audio"], open: (handle, { opus }) => wavFormat(handle, opus) },
  ".ogg": { kinds: ["audio"], open: (handle) => Promise.resolve(oggFormat(handle)) },
  ".ivf": { kinds: ["video"], open: (handle) => Promise.resolve(new IvfFormat(handle)) },
  ".webm": {
    kinds: ["audio", "video"],
    open: (handle, { kinds }) => Promise.resolve(new WebmFormat(handle, kinds)),
  },
};

/**
 * Starts a recording; the ending of `path` names the format: `.wav` and `.ogg` for audio, `.ivf` for video, `.webm`
 * for both or either.
 * @throws ExitError with code 2 and one line when the format does not fit, or the file cannot be written.
 */
export async function openRecorder(path: string, options: RecorderOptions): Promise<Recorder> {
  const problem = recordingProblem(path, options.kinds);
  const entry = formats[extname(path).toLowerCase()];
  if (entry === undefined || problem !== undefined) throw usageError(problem ?? path);
  const draft = await Draft.create(path);
  try {
    const format = await entry.open(draft.handle, options);
    return new FileRecorder({ path, kinds: options.kinds, draft, format });
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** Why `path` cannot hold `kinds`, in one line, without touching the disk; undefined when its ending fits. */
export function recordingProblem(path: string, kinds: readonly MediaKind[]): string | undefined {
  const ending = extname(path).toLowerCase();
  const entry = formats[ending];
  if (entry !== undefined && fits(entry, kinds)) return undefined;
  const fitting = Object.entries(formats)
    .filter(([, format]) => fits(format, kinds))
    .map(([name]) => name)
    .join(", ");
  const what = kinds.join(" and ");
  return entry === undefined
    ? `--record takes ${fitting} for ${what}, and tells by the ending of "${path}"`
    : `--record: ${ending} does not hold ${what}; take ${fitting}`;
}

function fits(format: FormatEntry, kinds: readonly MediaKind[]): boolean {
  return kinds.every((kind) => format.kinds.includes(kind));
}
