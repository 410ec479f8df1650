import type { Layout } from "../layout.js";
import { encodingKey, type LocalCodec, type LocalCodecs } from "./codecs.js";

export const midExtensionUri = "urn:ietf:params:rtp-hdrext:sdes:mid";

/** Ids of the one-byte form of header extensions (RFC 8285 section 4.2). */
const maxExtensionId = 14;
/** The one-byte form holds as much. */
const maxMidBytes = 16;

/** Payload types in the order in which they are tried: dynamic ones, then those that RFC 5761 section 4 leaves. */
const dynamicPayloadTypes = [...range(96, 127), ...range(35, 63), ...range(0, 34)];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/**
 * Numbers for new sections of an offer. Within one BUNDLE group a payload type means one codec and an id one
 * extension (RFC 8843 sections 7.1.1, 9.1 and RFC 8285 section 5), so they follow what both sides use already.
 */
export class Numbers {
  readonly #remote: Layout["numbers"];
  readonly #own = new Map<number, string>();
  #midExtensionId: number | undefined;

  constructor({ sections, numbers }: Layout, codecs: LocalCodecs) {
    this.#remote = numbers;
    for (const { slot, terms } of sections) {
      if (slot === undefined || terms === undefined) continue;
      this.#own.set(terms.payloadType, encodingKey(codecs[slot.kind].encoding));
      this.#midExtensionId ??= terms.midExtensionId;
    }
  }

  payloadType(codec: LocalCodec): number {
    const key = encodingKey(codec.encoding);
    const candidates = [
      ...numbersOf(this.#own, key),
      ...numbersOf(this.#remote.payloadTypes, key),
      codec.payloadType,
      ...dynamicPayloadTypes,
    ];
    const found = candidates.find((payloadType) => this.#isFree(payloadType, key));
    const payloadType = found ?? codec.payloadType;
    this.#own.set(payloadType, key);
    return payloadType;
  }

  midExtensionId(): number | undefined {
    const { extensions } = this.#remote;
    this.#midExtensionId ??= [
      ...numbersOf(extensions, midExtensionUri),
      ...range(1, maxExtensionId).filter((id) => !extensions.has(id)),
    ].find(isUsableExtensionId);
    return this.#midExtensionId;
  }

  #isFree(payloadType: number, key: string): boolean {
    const own = this.#own.get(payloadType) ?? key;
    const remote = this.#remote.payloadTypes.get(payloadType) ?? key;
    return own === key && remote === key;
  }
}

/** Id of the MID extension among those of a remote section; undefined where it cannot be used. */
export function midExtensionIdOf(
  extensions: ReadonlyMap<number, string>,
  mid: string,
): number | undefined {
  if (mid.length > maxMidBytes) return undefined;
  return numbersOf(extensions, midExtensionUri).find(isUsableExtensionId);
}

function isUsableExtensionId(id: number): boolean {
  return id >= 1 && id <= maxExtensionId;
}

function numbersOf(numbers: ReadonlyMap<number, string>, value: string): number[] {
  return [...numbers].filter(([, name]) => name === value).map(([number]) => number);
}
