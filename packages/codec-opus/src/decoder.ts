import { ConicError, type AudioDecoder } from "@conic/domain";
import { checkWhole, invalidArgument } from "./config.js";
import { isPacketError, type OpusDecoderHandle } from "./vendor.js";

/** Samples of each channel that one call makes up at most: one minute. */
export const maxConcealSamples = 2_880_000;
/** Bytes of one packet at most: no transport here carries more, and padding could make it any size. */
export const maxPacketBytes = 65_536;

/** Of loss concealment: 2.5 ms (RFC 6716 section 4.4). */
const stepSamples = 120;
/** What libopus makes in one call at most: 120 ms. */
const maxCallSamples = 5_760;

export class LibopusDecoder implements AudioDecoder {
  readonly numberOfChannels: 1 | 2;
  #handle: OpusDecoderHandle | undefined;

  constructor(handle: OpusDecoderHandle, numberOfChannels: 1 | 2) {
    this.numberOfChannels = numberOfChannels;
    this.#handle = handle;
  }

  decode(packet: Uint8Array): Float32Array {
    const handle = this.#open();
    return attempt(packet, () => handle.decodeFloat(packet));
  }

  conceal(samples: number): Float32Array {
    const handle = this.#open();
    checkSteps(samples);
    const audio = new Float32Array(samples * this.numberOfChannels);
    let at = 0;
    for (let rest = samples; rest > 0; rest -= maxCallSamples) {
      const part = handle.decodePacketLossFloat(Math.min(rest, maxCallSamples));
      audio.set(part, at);
      at += part.length;
    }
    return audio;
  }

  recover(next: Uint8Array, samples: number): Float32Array {
    const handle = this.#open();
    checkSteps(samples);
    if (samples === 0) return new Float32Array(0);
    // The copy in a packet ends where the packet begins: what is made up comes before it.
    const last = Math.min(samples, maxCallSamples);
    const before = samples - last;
    const audio = new Float32Array(samples * this.numberOfChannels);
    audio.set(this.conceal(before));
    const copy = attempt(next, () =>
      handle.decodeFloat(next, { decodeFec: true, frameSize: last }),
    );
    audio.set(copy, before * this.numberOfChannels);
    return audio;
  }

  close(): void {
    this.#handle?.free();
    this.#handle = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): OpusDecoderHandle {
    if (this.#handle !== undefined) return this.#handle;
    throw new ConicError("closed", "the decoder is closed; create another one");
  }
}

function attempt(packet: Uint8Array, run: () => Float32Array): Float32Array {
  if (packet.length === 0) throw invalidPacket("an Opus packet has one byte at least");
  if (packet.length > maxPacketBytes) {
    throw invalidPacket(`an Opus packet has ${maxPacketBytes} bytes at most`);
  }
  try {
    return run();
  } catch (error) {
    if (isPacketError(error)) throw invalidPacket("the bytes are no Opus packet", error);
    throw ConicError.from(error, "internal");
  }
}

function invalidPacket(message: string, cause?: unknown): ConicError<"invalid_data"> {
  return new ConicError("invalid_data", `${message} (RFC 6716 section 3.4)`, { cause });
}

function checkSteps(samples: number): void {
  checkWhole("samples", samples, 0, maxConcealSamples);
  if (samples % stepSamples === 0) return;
  throw invalidArgument(`samples come in steps of ${stepSamples} (2.5 ms), not ${samples}`);
}
