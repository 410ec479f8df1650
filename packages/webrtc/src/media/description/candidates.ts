import type { IceCandidate } from "@conic/domain";
import type { Layout } from "./layout.js";

/** A candidate of the engine below, for the section whose transport it is (RFC 8829 section 5.9 and RFC 8843). */
export function outerCandidate(candidate: IceCandidate, { sections, tag }: Layout): IceCandidate {
  const section = tag === undefined ? undefined : sections[tag];
  if (tag === undefined || section === undefined) return candidate;
  return {
    ...candidate,
    sdpMid: section.isMidNamed ? section.mid : null,
    sdpMLineIndex: tag,
  };
}

/**
 * A remote candidate for the engine below. Undefined for one of a transport that bundling does away with: before the
 * answer, an offerer may gather for each of its sections (RFC 8843 section 7.2).
 */
export function innerCandidate(
  candidate: IceCandidate,
  { sections, tag }: Layout,
  innerMid: string,
): IceCandidate | undefined {
  const { sdpMid, sdpMLineIndex } = candidate;
  const byMid = sections.findIndex(({ mid, isMidNamed }) => isMidNamed && mid === sdpMid);
  const index = byMid === -1 ? (sdpMLineIndex ?? tag) : byMid;
  const isKnown = index !== undefined && sections[index] !== undefined;
  if (isKnown && tag !== undefined && index !== tag) return undefined;
  return { ...candidate, sdpMid: innerMid, sdpMLineIndex: 0 };
}
