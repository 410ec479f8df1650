// Frames of a WebSocket client (RFC 6455 section 5), made once and sent often: only the number in them changes.
import { placeholder } from "./content.mjs";

// Not zero: a server that skips the work for a zero key would be measured at something that no client does.
const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const digits = placeholder.length;

/** @typedef {{ bytes: Buffer, at: number, phase: number }} Numbered where the number is, and its place in the mask's cycle */

/** @param {number} firstByte FIN and opcode @param {Buffer} payload */
function masked(firstByte, payload) {
  const { length } = payload;
  if (length > 0xff_ff) throw new RangeError("a frame of the benchmark has 64 KiB at most");
  const header =
    length < 126
      ? Buffer.from([firstByte, 0x80 | length])
      : Buffer.from([firstByte, 0xfe, length >> 8, length & 0xff]);
  const body = Buffer.from(payload);
  for (let i = 0; i < length; i += 1) body[i] = (body[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return Buffer.concat([header, mask, body]);
}

/** @param {string} text */
export function textFrame(text) {
  return masked(0x81, Buffer.from(text));
}

/** @param {Buffer} payload that of the ping */
export function pongFrame(payload) {
  return masked(0x8a, payload);
}

/** @param {number} code */
export function closeFrame(code) {
  return masked(0x88, Buffer.from([code >> 8, code & 0xff]));
}

/** A frame whose number can be set. @param {string} text with the placeholder in it @returns {Numbered} */
export function numberedFrame(text) {
  const bytes = textFrame(text);
  const offset = Buffer.from(text).indexOf(placeholder);
  if (offset === -1) throw new Error("the message has no place for its number");
  return { bytes, at: bytes.length - Buffer.byteLength(text) + offset, phase: offset & 3 };
}

/** @param {Numbered} frame @param {number} number of at most eight digits */
export function setNumber({ bytes, at, phase }, number) {
  let rest = number;
  for (let i = digits - 1; i >= 0; i -= 1) {
    const next = Math.floor(rest / 10);
    bytes[at + i] = (48 + rest - next * 10) ^ (mask[(phase + i) & 3] ?? 0);
    rest = next;
  }
}

/** The number at a place of a frame from the server, which is not masked; -1 when there is none. @param {Uint8Array} data @param {number} at */
export function numberAt(data, at) {
  let number = 0;
  for (let i = 0; i < digits; i += 1) {
    const digit = (data[at + i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
