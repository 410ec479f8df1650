import type { SessionDescription } from "@conic/domain";
import { attributeName, writeMediaLine } from "../sdp/attributes.js";
import { writeSdp } from "../sdp/text.js";
import { isData, type Layout, type Section } from "../layout.js";
import type { Terms } from "../terms.js";
import type { RemoteCodec } from "../remote/codecs.js";
import type { Slot } from "../slot-state.js";
import { sends } from "../direction.js";
import { isCandidateLine, type InnerDescription } from "./inner.js";
import type { LocalCodecs } from "./codecs.js";
import { midExtensionUri } from "./numbers.js";

export interface WriteParts {
  readonly layout: Layout;
  readonly inner: InnerDescription;
  /** Mids of the BUNDLE group, the tagged one first; undefined for no group. */
  readonly group: readonly string[] | undefined;
  readonly codecs: LocalCodecs;
  readonly cname: string;
}

/** The whole description: the session and m=application of the engine below, with the media sections around it. */
export function writeDescription(parts: WriteParts): SessionDescription {
  const { layout, inner, group } = parts;
  const sections = layout.sections.map((section, index) => {
    const candidates = index === layout.tag ? inner.candidates : [];
    if (!section.isLive) return refusedSection(section);
    if (section.carrier !== undefined) {
      return carrierSection(section, section.carrier, inner, candidates);
    }
    if (section.slot === undefined) return dataSection(section, inner, candidates);
    return mediaSection(section, section.slot, parts, candidates);
  });
  return { type: inner.type, sdp: writeSdp({ session: sessionLines(inner, group), sections }) };
}

function sessionLines(inner: InnerDescription, group: readonly string[] | undefined): string[] {
  const lines = group === undefined ? [] : [`a=group:${["BUNDLE", ...group].join(" ")}`];
  const before = inner.session.findIndex(isGroup);
  const session = inner.session.filter((line) => !isGroup(line));
  session.splice(before === -1 ? session.length : before, 0, ...lines);
  return session;
}

function isGroup(line: string): boolean {
  return attributeName(line) === "group";
}

/** The candidates are given back where they belong, under the c= line. */
function isKept(line: string): boolean {
  return attributeName(line) !== "mid" && !isCandidateLine(line);
}

function midLine({ isMidNamed, mid }: Section): string[] {
  return isMidNamed ? [`a=mid:${mid}`] : [];
}

function refusedSection(section: Section): string[] {
  const { kind, proto, format } = section;
  const isRtp = proto.includes("RTP/");
  return [
    writeMediaLine({ kind, port: 0, proto, formats: [format] }),
    "c=IN IP4 0.0.0.0",
    ...midLine(section),
    ...(isRtp ? ["a=inactive"] : []),
  ];
}

function dataSection(
  section: Section,
  inner: InnerDescription,
  candidates: readonly string[],
): string[] {
  const [first = "", ...rest] = inner.lines.filter(isKept);
  const connection = rest.filter((line) => line.startsWith("c="));
  const others = rest.filter((line) => !line.startsWith("c="));
  return [first, ...connection, ...candidates, ...midLine(section), ...others];
}

/** The c= line and what follows it in every section that is not refused. */
function transportLines(
  section: Section,
  { transport }: InnerDescription,
  candidates: readonly string[],
): string[] {
  return [
    ...transport.filter((line) => line.startsWith("c=")),
    ...candidates,
    ...transport.filter((line) => !line.startsWith("c=")),
    ...midLine(section),
  ];
}

function carrierSection(
  section: Section,
  { payloadType, encoding }: RemoteCodec,
  inner: InnerDescription,
  candidates: readonly string[],
): string[] {
  const { kind, proto } = section;
  return [
    writeMediaLine({ kind, port: 9, proto, formats: [String(payloadType)] }),
    ...transportLines(section, inner, candidates),
    "a=inactive",
    "a=rtcp-mux",
    ...(encoding === "" ? [] : [`a=rtpmap:${payloadType} ${encoding}`]),
  ];
}

function mediaSection(
  section: Section,
  slot: Slot,
  { inner, codecs, cname }: WriteParts,
  candidates: readonly string[],
): string[] {
  const { terms } = section;
  if (terms === undefined || isData(section)) return refusedSection(section);
  const { payloadType, midExtensionId } = terms;
  const codec = codecs[slot.kind];
  const formats = [String(payloadType)];
  return [
    writeMediaLine({ kind: slot.kind, port: 9, proto: section.proto, formats }),
    ...transportLines(section, inner, candidates),
    ...(midExtensionId === undefined ? [] : [`a=extmap:${midExtensionId} ${midExtensionUri}`]),
    `a=${terms.direction}`,
    ...msidLine(terms),
    "a=rtcp-mux",
    ...(terms.hasReducedSizeRtcp ? ["a=rtcp-rsize"] : []),
    `a=rtpmap:${payloadType} ${codec.encoding}`,
    ...terms.feedback.map((value) => `a=rtcp-fb:${payloadType} ${value}`),
    ...(codec.fmtp === "" ? [] : [`a=fmtp:${payloadType} ${codec.fmtp}`]),
    ...ssrcLines(slot, terms, cname),
  ];
}

function msidLine({ direction, track }: Terms): string[] {
  return sends(direction) ? [`a=msid:${track.streamId} ${track.trackId}`] : [];
}

function ssrcLines({ ssrc }: Slot, { direction, track }: Terms, cname: string): string[] {
  if (!sends(direction)) return [];
  return [
    `a=ssrc:${ssrc} cname:${cname}`,
    `a=ssrc:${ssrc} msid:${track.streamId} ${track.trackId}`,
  ];
}
