import { invalidData, unsupportedData } from "../errors.js";
import type { FrameRate } from "../frame/rate.js";

/** Bytes of the file header that every IVF file has; the header says if there are more. */
export const ivfHeaderBytes = 32;
/** Bytes in front of each frame: its size and its time. */
export const ivfFrameHeaderBytes = 12;
/** Where the file header says how many frames there are. */
export const frameCountPosition = 24;

export const vp8FourCc = "VP80";

const ascii = new TextEncoder();

export interface IvfHeader {
  readonly headerBytes: number;
  readonly fourcc: string;
  readonly width: number;
  readonly height: number;
  /** Ticks of its times a second. */
  readonly timebase: FrameRate;
  /** 0 in a file that was streamed. */
  readonly frameCount: number;
}

/** @throws ConicError `invalid_data` or `unsupported` with `details.byteOffset`. */
export function parseIvfHeader(bytes: Uint8Array): IvfHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number): string => String.fromCharCode(...bytes.subarray(from, from + 4));
  if (text(0) !== "DKIF".slice(0, bytes.length)) {
    throw invalidData(0, "not an IVF file: it does not start with DKIF");
  }
  if (bytes.length < ivfHeaderBytes) {
    throw invalidData(bytes.length, `the file ends in its header of ${ivfHeaderBytes} bytes`);
  }
  const version = view.getUint16(4, true);
  if (version !== 0) throw unsupportedData(4, `version ${version} of IVF is not read, only 0`);
  const headerBytes = view.getUint16(6, true);
  if (headerBytes < ivfHeaderBytes) {
    throw invalidData(6, `a header of ${headerBytes} bytes; there are at least ${ivfHeaderBytes}`);
  }
  const timebase = { numerator: view.getUint32(16, true), denominator: view.getUint32(20, true) };
  if (timebase.numerator === 0 || timebase.denominator === 0) {
    throw invalidData(16, `${timebase.numerator}/${timebase.denominator} is no rate of ticks`);
  }
  const width = view.getUint16(12, true);
  const height = view.getUint16(14, true);
  const frameCount = view.getUint32(frameCountPosition, true);
  return { headerBytes, fourcc: text(8), width, height, timebase, frameCount };
}

export function encodeIvfHeader(header: Omit<IvfHeader, "headerBytes">): Uint8Array {
  const bytes = new Uint8Array(ivfHeaderBytes);
  const view = new DataView(bytes.buffer);
  bytes.set(ascii.encode("DKIF"));
  view.setUint16(6, ivfHeaderBytes, true);
  bytes.set(ascii.encode(header.fourcc), 8);
  view.setUint16(12, header.width, true);
  view.setUint16(14, header.height, true);
  view.setUint32(16, header.timebase.numerator, true);
  view.setUint32(20, header.timebase.denominator, true);
  view.setUint32(frameCountPosition, header.frameCount, true);
  return bytes;
}
