const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * One text frame of a signaling connection. It keeps the form in which it arrived and makes the other one on
 * demand: a frame that is only forwarded is neither decoded nor encoded again.
 */
export class Frame {
  #text: string | undefined;
  #bytes: Uint8Array | undefined;

  private constructor(text: string | undefined, bytes: Uint8Array | undefined) {
    this.#text = text;
    this.#bytes = bytes;
  }

  static fromText(text: string): Frame {
    return new Frame(text, undefined);
  }

  /** `bytes` is UTF-8 and must not be changed afterwards. */
  static fromBytes(bytes: Uint8Array): Frame {
    return new Frame(undefined, bytes);
  }

  get text(): string {
    this.#text ??= decoder.decode(this.#bytes);
    return this.#text;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= encoder.encode(this.#text);
    return this.#bytes;
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }
}
