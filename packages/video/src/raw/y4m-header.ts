import { invalidData, unsupportedData } from "../errors.js";
import { maxDimension } from "../frame/i420.js";
import { isRatePart, type FrameRate } from "../frame/rate.js";

/** What the first line of a YUV4MPEG2 file says. */
export interface Y4mHeader {
  readonly width: number;
  readonly height: number;
  /** Undefined where the file leaves it open (`F0:0`, or none). */
  readonly frameRate: FrameRate | undefined;
  /** As written, without the C; `420jpeg` where there is none. */
  readonly colourSpace: string;
}

/** Bytes of the first line at most; real ones have some sixty. */
export const maxY4mHeaderBytes = 1_024;

export const y4mMagic = "YUV4MPEG2";

/** 4:2:0 with 8 bits in all its sitings; the siting does not change how the bytes lie. */
const readable: ReadonlySet<string> = new Set(["420", "420jpeg", "420mpeg2", "420paldv"]);

/**
 * @param line the first line, without its line feed
 * @throws ConicError `invalid_data` or `unsupported` with `details.byteOffset` of the parameter at fault
 */
export function parseY4mHeader(line: string): Y4mHeader {
  if (line !== y4mMagic && !line.startsWith(`${y4mMagic} `)) {
    throw invalidData(0, `not a Y4M file: it does not start with ${y4mMagic}`);
  }
  const fields = parametersOf(line);
  const header = {
    width: dimensionOf(fields, "W", line),
    height: dimensionOf(fields, "H", line),
    frameRate: rateOf(fields.get("F")),
    colourSpace: fields.get("C")?.text ?? "420jpeg",
  };
  if (!readable.has(header.colourSpace)) {
    throw unsupportedData(
      fields.get("C")?.at ?? 0,
      `the colour space ${header.colourSpace} is not read; convert with: ffmpeg -i FILE -pix_fmt yuv420p OUT.y4m`,
    );
  }
  return header;
}

interface Parameter {
  readonly text: string;
  /** Of its letter, from the start of the file. */
  readonly at: number;
}

function parametersOf(line: string): ReadonlyMap<string, Parameter> {
  const found = new Map<string, Parameter>();
  let at = y4mMagic.length + 1;
  for (const word of line.slice(at).split(" ")) {
    // X is free text, and may come many times.
    if (word !== "" && !word.startsWith("X"))
      found.set(word.slice(0, 1), { text: word.slice(1), at });
    at += word.length + 1;
  }
  return found;
}

function dimensionOf(
  fields: ReadonlyMap<string, Parameter>,
  name: "W" | "H",
  line: string,
): number {
  const field = fields.get(name);
  if (field === undefined) throw invalidData(line.length, `the Y4M header has no ${name}`);
  const value = Number(field.text);
  if (!/^\d+$/.test(field.text) || value < 1 || value > maxDimension) {
    throw invalidData(field.at, `${name}${field.text} is no size from 1 to ${maxDimension}`);
  }
  return value;
}

function rateOf(field: Parameter | undefined): FrameRate | undefined {
  if (field === undefined) return undefined;
  const [, numerator, denominator] = /^(\d+):(\d+)$/.exec(field.text) ?? [];
  const rate = { numerator: Number(numerator), denominator: Number(denominator) };
  if (rate.numerator === 0 && rate.denominator === 0) return undefined;
  if (!isRatePart(rate.numerator) || !isRatePart(rate.denominator)) {
    throw invalidData(field.at, `F${field.text} is no rate of frames`);
  }
  return rate;
}
