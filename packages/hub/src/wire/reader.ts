import { ConicError } from "@conic/domain";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads what a {@link MessageWriter} wrote, or throws `invalid_data`. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(message: Uint8Array) {
    this.#bytes = message;
    this.#view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.byteLength - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** A view into the message. */
  bytes(): Uint8Array {
    const length = this.u32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  string(): string {
    const at = this.#at;
    const bytes = this.bytes();
    try {
      return decoder.decode(bytes);
    } catch {
      throw broken("a text is not UTF-8", at);
    }
  }

  /** @throws ConicError `invalid_data` unless everything was read. */
  end(): void {
    if (this.left > 0) throw broken("there is more than the message", this.#at);
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.left) throw broken("the message ends too soon", at);
    this.#at = at + count;
    return at;
  }
}

function broken(what: string, byteOffset: number): ConicError {
  return new ConicError("invalid_data", `a message of another node is broken: ${what}`, {
    details: { byteOffset },
  });
}
