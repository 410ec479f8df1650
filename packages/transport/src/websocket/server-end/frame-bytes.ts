/** Opcodes of RFC 6455 section 5.2. */
export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

const fin = 0x80;

/** What a text frame of a server with a payload of `length` bytes takes on the wire. */
export function wireBytes(length: number): number {
  if (length < 126) return length + 2;
  return length + (length < 65_536 ? 4 : 10);
}

/** Writes one unfragmented text frame of a server into `target` at `at`; the offset behind it (RFC 6455 section 5.2). */
export function putTextFrame(target: Buffer, at: number, payload: Uint8Array): number {
  const { length } = payload;
  target[at] = fin | opcodes.text;
  let start = at + 2;
  if (length < 126) target[at + 1] = length;
  else if (length < 65_536) {
    target[at + 1] = 126;
    target[at + 2] = length >>> 8;
    target[at + 3] = length & 0xff;
    start += 2;
  } else {
    target[at + 1] = 127;
    target.writeUIntBE(0, at + 2, 2);
    target.writeUIntBE(length, at + 4, 6);
    start += 8;
  }
  target.set(payload, start);
  return start + length;
}

/** A control frame of a server; `payload` is at most 125 bytes (RFC 6455 section 5.5). */
export function controlFrame(
  opcode: (typeof opcodes)["close" | "ping" | "pong"],
  payload: Uint8Array,
): Buffer {
  const frame = Buffer.allocUnsafe(2 + payload.length);
  frame[0] = fin | opcode;
  frame[1] = payload.length;
  frame.set(payload, 2);
  return frame;
}

const nothing = Buffer.alloc(0);

/** A close frame; without a code, it has no payload (RFC 6455 section 5.5.1). */
export function closeFrame(code: number | undefined, reason: string): Buffer {
  if (code === undefined) return controlFrame(opcodes.close, nothing);
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return controlFrame(opcodes.close, payload);
}

/** A ping without a payload. */
export const pingFrame: Buffer = controlFrame(opcodes.ping, nothing);
