import { createCipheriv, createSecretKey } from "node:crypto";

const blockBytes = 16;
const initialBlocks = 128;

/**
 * AES in counter mode (RFC 3711 section 4.1.1). A cipher object in CTR mode serves one packet, and making it costs
 * more than encrypting with it; so one in ECB mode is kept, and given the counter blocks of each packet at once.
 */
export class Keystream {
  readonly #cipher: { update(data: Uint8Array): Buffer };
  readonly #salt: DataView;
  #blocks: Uint8Array = new Uint8Array(initialBlocks * blockBytes);
  #view: DataView = new DataView(this.#blocks.buffer);

  /** @param salt 14 bytes */
  constructor(key: Uint8Array, salt: Uint8Array) {
    const cipher = createCipheriv("aes-128-ecb", createSecretKey(key), null);
    cipher.setAutoPadding(false);
    this.#cipher = cipher;
    this.#salt = new DataView(new ArrayBuffer(blockBytes));
    new Uint8Array(this.#salt.buffer).set(salt);
  }

  /**
   * Writes `source[from..to)`, encrypted or decrypted, to the same places of `target`.
   * @param index 48 bits
   */
  apply(
    source: Uint8Array,
    target: Uint8Array,
    from: number,
    to: number,
    ssrc: number,
    index: number,
  ): void {
    if (to <= from) return;
    const stream = this.#make(to - from, ssrc, index);
    xor(source, target, from, to, stream);
  }

  /** At least `length` bytes. */
  #make(length: number, ssrc: number, index: number): Buffer {
    const bytes = Math.ceil(length / blockBytes) * blockBytes;
    if (bytes > this.#blocks.length) {
      this.#blocks = new Uint8Array(bytes);
      this.#view = new DataView(this.#blocks.buffer);
    }
    // Salt over SSRC (bytes 4 to 7) and index (bytes 8 to 13); the counter of blocks is in the last two bytes.
    const salt = this.#salt;
    const first = salt.getInt32(0);
    const second = salt.getInt32(4) ^ ssrc;
    const third = salt.getInt32(8) ^ Math.floor(index / 0x1_0000);
    const last = salt.getInt32(12) ^ (index << 16);
    const view = this.#view;
    for (let at = 0, count = 0; at < bytes; at += blockBytes, count += 1) {
      view.setInt32(at, first);
      view.setInt32(at + 4, second);
      view.setInt32(at + 8, third);
      view.setInt32(at + 12, last | count);
    }
    return this.#cipher.update(this.#blocks.subarray(0, bytes));
  }
}

/** Four bytes at once where they are; DataView does not mind where a packet begins in memory. */
function xor(
  source: Uint8Array,
  target: Uint8Array,
  from: number,
  to: number,
  stream: Uint8Array,
): void {
  const input = new DataView(source.buffer, source.byteOffset + from, to - from);
  const output = new DataView(target.buffer, target.byteOffset + from, to - from);
  const key = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const length = to - from;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    output.setInt32(at, input.getInt32(at, true) ^ key.getInt32(at, true), true);
  }
  for (; at < length; at += 1) output.setUint8(at, input.getUint8(at) ^ key.getUint8(at));
}
