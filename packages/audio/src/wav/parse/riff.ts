import { invalidData } from "../../errors.js";
import { unknownSize32, type WavContainer } from "../format.js";
import { chunkHeaderBytes, readId, showId } from "./chunk.js";
import type { Ds64 } from "./ds64.js";

export const riffHeaderBytes = 12;
const formOffset = 8;

/** What the file says about its size before its samples come. */
export interface Riff {
  readonly container: WavContainer;
  /** The 32-bit size in the RIFF header. */
  readonly riffBytes: number;
  readonly ds64: Ds64 | undefined;
}

export function is64(container: WavContainer): boolean {
  return container === "RF64" || container === "BW64";
}

/** Reads the first four bytes of a file. @throws ConicError `invalid_data` when they begin no WAV file. */
export function parseContainer(header: Uint8Array): WavContainer {
  const id = readId(header, 0);
  for (const container of ["RIFF", "RIFX", "RF64", "BW64"] as const) {
    if (id === container) return container;
  }
  throw invalidData(0, `not a WAV file: it begins with ${showId(id)}, not "RIFF"`);
}

/** @throws ConicError `invalid_data` for a RIFF file of another kind, such as AVI. */
export function checkForm(header: Uint8Array): void {
  const form = readId(header, formOffset);
  if (form === "WAVE") return;
  throw invalidData(formOffset, `not a WAV file: the RIFF form is ${showId(form)}, not "WAVE"`);
}

/** Bytes of samples by the size field of the data chunk; undefined: they go on to the end of the file. */
export function declaredDataBytes(
  riff: Riff,
  size: number,
  dataOffset: number,
): number | undefined {
  if (is64(riff.container)) {
    return size === unknownSize32 || size === 0 ? riff.ds64?.dataBytes : size;
  }
  if (size === unknownSize32) return undefined;
  if (size > 0) return size;
  // A size of 0 in a RIFF that ends with it, or has no size either, is what a writer leaves that streamed or was
  // stopped. The header of an empty file looks the same, but then nothing follows.
  const riffEnd = riff.riffBytes + chunkHeaderBytes;
  return riffEnd <= dataOffset || riff.riffBytes === unknownSize32 ? undefined : 0;
}
