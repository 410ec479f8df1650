import type { RemoteNumbers } from "../layout.js";
import type { Agreement, Terms } from "../terms.js";
import { encodingKey, type LocalCodec } from "../local/codecs.js";
import { midExtensionIdOf } from "../local/numbers.js";
import type { RemoteCodec } from "./codecs.js";
import type { RemoteDescription } from "./description.js";
import type { RemoteSection } from "./section.js";

/** What came to nothing, for a message to the user. */
export interface RefusedSection {
  /** As in its m= line: `audio`, `video`, or something unknown. */
  readonly kind: string;
  /** The codecs that were offered in it, such as `H264/90000`. */
  readonly codecs: readonly string[];
  /** Who refused it: this side what the remote offered, or the remote what this side offered. */
  readonly by: "local" | "remote";
}

/** All payload types with which the remote means our codec, best liked first. */
export function matchingCodecs(remote: RemoteSection, codec: LocalCodec): readonly RemoteCodec[] {
  const key = encodingKey(codec.encoding);
  return remote.codecs.filter(({ encoding }) => encodingKey(encoding) === key);
}

/** Whether the section can be carried by the one transport, with RTCP on it (RFC 8829 section 5.3.1). */
export function isCarried({ bundle, sections }: RemoteDescription, index: number): boolean {
  const { proto, attributes } = sections[index] ?? {};
  if (proto?.includes("RTP/SAVP") !== true || !bundle.includes(index)) return false;
  const [tag = index] = bundle;
  return [attributes, sections[tag]?.attributes].some((each) => each?.has("rtcp-mux") === true);
}

export interface AgreementInput {
  readonly offerer: "local" | "remote";
  readonly terms: Terms;
  readonly remote: RemoteSection;
  readonly mid: string;
  /** Those of the remote that mean the codec. */
  readonly codecs: readonly [RemoteCodec, ...RemoteCodec[]];
}

export function agree({ offerer, terms, remote, mid, codecs }: AgreementInput): Agreement {
  const [codec] = codecs;
  // Each side sends what the other asked for (RFC 3264 section 6.1); not all do.
  const theirs = offerer === "local" ? codecs.map(({ payloadType }) => payloadType) : [];
  // libdatachannel answers with the attributes of the offer, so with our own ids.
  const { trackId, streamId } = terms.track;
  const isEcho = offerer === "local" && remote.trackId === trackId && remote.streamId === streamId;
  const ids = isEcho ? {} : { trackId: remote.trackId, streamId: remote.streamId };
  return {
    offerer,
    terms,
    remoteDirection: remote.direction,
    codec,
    payloadTypes: [...new Set([terms.payloadType, ...theirs])],
    feedback: terms.feedback.filter((value) => codec.feedback.includes(value)),
    midExtensionId:
      terms.midExtensionId === undefined ? undefined : midExtensionIdOf(remote.extensions, mid),
    ssrcs: remote.ssrcs,
    trackId: ids.trackId ?? `track-${mid}`,
    streamId: ids.streamId ?? `stream-${mid}`,
  };
}

/** What the remote gave numbers to, of all that it means to use. */
export function numbersOf({ sections, live }: RemoteDescription): RemoteNumbers {
  const payloadTypes = new Map<number, string>();
  const extensions = new Map<number, string>();
  for (const index of live) {
    const section = sections[index];
    for (const { payloadType, encoding } of section?.codecs ?? []) {
      if (encoding !== "" && !payloadTypes.has(payloadType)) {
        payloadTypes.set(payloadType, encodingKey(encoding));
      }
    }
    for (const [id, uri] of section?.extensions ?? []) extensions.set(id, uri);
  }
  return { payloadTypes, extensions };
}

/** The section whose transport attributes count: those of the tagged one, unless it has none. */
export function transportSection(
  { session, sections, bundle }: RemoteDescription,
  tag: number | undefined,
): RemoteSection | undefined {
  const [first] = bundle;
  const start = tag ?? first;
  if (start === undefined) return undefined;
  if (session.some((line) => line.startsWith("a=ice-ufrag:"))) return sections[start];
  // RFC 8843 section 7.1.3: only sections that are not bundle-only have transport attributes.
  const source = [start, ...bundle].find((index) => {
    return sections[index]?.attributes.has("ice-ufrag") === true;
  });
  return sections[source ?? start];
}
