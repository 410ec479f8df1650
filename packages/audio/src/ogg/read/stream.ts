import { ConicError } from "@conic/domain";
import { invalidData, unsupportedData } from "../../errors.js";
import { opusPacketSamples } from "../../opus/packet.js";
import { isOpusHead, parseHead, type OpusHead } from "../head.js";
import type { OggPage } from "./page.js";
import { emptyTags, parseTags, type OpusTags } from "./tags.js";

/** Bytes of one audio packet at most (RFC 7845 section 6). */
export const maxOggPacketBytes = 61_440;

/** The counts of a stream whose pages were all seen. Samples are counted for each channel, at 48 kHz. */
export interface StreamEnd {
  /** Samples that the packets hold. */
  readonly packetSamples: number;
  /** Samples of the last packets that are not to be played. */
  readonly endTrimSamples: number;
  /** Whether the stream says that it is over; one that was cut off between two pages does not. */
  readonly complete: boolean;
}

/**
 * Lets through the pages of the first Opus stream of a file, when all is right with them: what the demuxer behind it
 * is not made to doubt. Headers come out parsed; the demuxer gets an empty comment header in place of the real one.
 */
export class OpusStreamGuard {
  readonly #maxTagsBytes: number;
  #serial: number | undefined;
  #head: OpusHead | undefined;
  #tags: OpusTags | undefined;
  #sequence = 0;
  /** Bytes so far of a packet that goes on in the next page; -1 when there is none. */
  #openBytes = -1;
  /** What it will have held. */
  #openSamples = 0;
  #tagsParts: Uint8Array[] = [];
  #samples = 0;
  /** Granule position of the first sample; files cut from a longer stream start above 0. */
  #startGranule: bigint | undefined;
  #granule = 0n;
  #complete = false;

  constructor(maxTagsBytes: number) {
    this.#maxTagsBytes = maxTagsBytes;
  }

  /** Known after the pages of both headers. */
  get headers(): { readonly head: OpusHead; readonly tags: OpusTags } | undefined {
    if (this.#head === undefined || this.#tags === undefined) return undefined;
    return { head: this.#head, tags: this.#tags };
  }

  /** What to give to the demuxer for `page`, if anything. @throws ConicError `invalid_data`, `unsupported`, `too_large` */
  take(page: OggPage): Uint8Array | undefined {
    if (this.#serial === undefined) return this.#begin(page);
    if (page.serial !== this.#serial) {
      const chained = page.first && (this.#complete || this.#samples > 0);
      if (chained) throw unsupportedData(page.offset, "another stream follows: a chained Ogg file");
      return undefined;
    }
    this.#checkOrder(page);
    if (this.#tags === undefined) return this.#takeTags(page);
    this.#checkAudio(page);
    // An empty page is legal, and of no use.
    return page.lacing.length === 0 ? undefined : page.bytes;
  }

  /** @param offset of the end of the file. @throws ConicError `invalid_data` */
  end(offset: number): StreamEnd {
    if (this.#serial === undefined) throw invalidData(offset, "the file has no Ogg page");
    if (this.#tags === undefined) throw invalidData(offset, "the file ends before its audio");
    if (this.#openBytes >= 0) throw invalidData(offset, "the file ends in the middle of a packet");
    const end = (this.#startGranule ?? 0n) + BigInt(this.#samples);
    const trim =
      this.#complete && this.#samples > 0 && end > this.#granule ? end - this.#granule : 0n;
    return {
      packetSamples: this.#samples,
      endTrimSamples: Math.min(Number(trim), this.#samples),
      complete: this.#complete,
    };
  }

  #begin(page: OggPage): Uint8Array | undefined {
    if (!page.first) throw unsupportedData(page.offset, "the file has no Opus stream");
    // Other streams begin here, too: they are passed over.
    if (!isOpusHead(page.body)) return undefined;
    const length = page.lacing.findIndex((segment) => segment < 255);
    if (length !== page.lacing.length - 1) {
      throw invalidData(page.offset, "the Opus header is not alone in its page");
    }
    this.#head = parseHead(page.body, page.offset);
    this.#serial = page.serial;
    this.#sequence = page.sequence;
    return page.bytes;
  }

  #checkOrder(page: OggPage): void {
    if (this.#complete) throw invalidData(page.offset, "the stream goes on after its last page");
    if (page.first) throw invalidData(page.offset, "the stream begins twice");
    this.#sequence = (this.#sequence + 1) >>> 0;
    if (page.sequence !== this.#sequence) {
      throw invalidData(page.offset, `page ${this.#sequence} is missing: here is ${page.sequence}`);
    }
    if (page.lacing.length > 0 && page.continued !== this.#openBytes >= 0) {
      throw invalidData(page.offset, "the end of a packet is missing");
    }
    this.#complete = page.last;
  }

  #takeTags(page: OggPage): Uint8Array | undefined {
    if (page.lacing.length === 0) return undefined;
    const bytes = this.#tagsParts.reduce((sum, part) => sum + part.length, page.body.length);
    if (bytes > this.#maxTagsBytes) {
      throw new ConicError("too_large", `tags of more than maxTagsBytes, ${this.#maxTagsBytes}`, {
        details: { byteOffset: page.offset },
      });
    }
    this.#tagsParts.push(page.body);
    const end = page.lacing.findIndex((segment) => segment < 255);
    this.#openBytes = end < 0 ? bytes : -1;
    if (end < 0) return undefined;
    if (end !== page.lacing.length - 1) {
      throw invalidData(page.offset, "audio begins in the page of the tags");
    }
    const packet = new Uint8Array(bytes);
    let at = 0;
    for (const part of this.#tagsParts) {
      packet.set(part, at);
      at += part.length;
    }
    this.#tagsParts = [];
    this.#tags = parseTags(packet, page.offset);
    return emptyTagsPage(page);
  }

  #checkAudio(page: OggPage): void {
    let ended = false;
    let at = 0;
    for (const segment of page.lacing) {
      if (this.#openBytes < 0) {
        this.#openBytes = 0;
        this.#openSamples = packetSamples(page, at, segment);
      }
      at += segment;
      this.#openBytes += segment;
      if (this.#openBytes > maxOggPacketBytes) {
        throw invalidData(page.offset, `a packet of more than ${maxOggPacketBytes} bytes`);
      }
      if (segment === 255) continue;
      this.#openBytes = -1;
      this.#samples += this.#openSamples;
      ended = true;
    }
    // Without the end of a packet there is no time, -1; the last page may say it all the same.
    if (ended || (page.last && page.granule !== -1n)) this.#checkGranule(page);
  }

  #checkGranule(page: OggPage): void {
    if (page.granule < this.#granule) {
      throw invalidData(page.offset, "the time of the page is before that of the page before it");
    }
    this.#granule = page.granule;
    if (this.#startGranule !== undefined) return;
    const start = page.granule - BigInt(this.#samples);
    // Less than the packets hold is for a last page only, which trims its end.
    this.#startGranule = start > 0n ? start : 0n;
  }
}

/** Of the packet whose first segment begins `at` bytes into the body of `page`. */
function packetSamples(page: OggPage, at: number, segment: number): number {
  const samples = opusPacketSamples(page.body.subarray(at, at + segment));
  if (samples !== undefined) return samples;
  const offset = page.offset + page.bytes.length - page.body.length + at;
  throw invalidData(offset, segment === 0 ? "an empty packet" : "no Opus packet");
}

function emptyTagsPage(page: OggPage): Uint8Array {
  const bytes = new Uint8Array(28 + emptyTags.length);
  bytes.set(page.bytes.subarray(0, 26));
  // Fresh, and neither the first nor the last of the stream: what is not there yet says how it ends.
  bytes[5] = page.last ? 4 : 0;
  bytes[26] = 1;
  bytes[27] = emptyTags.length;
  bytes.set(emptyTags, 28);
  return bytes;
}
