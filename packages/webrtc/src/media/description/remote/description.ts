import type { SessionDescription } from "@conic/domain";
import { readAttributes } from "../sdp/attributes.js";
import { invalidDescription, parseSdp } from "../sdp/text.js";
import { readSection, type RemoteSection } from "./section.js";

export interface RemoteDescription {
  readonly session: readonly string[];
  readonly sections: readonly RemoteSection[];
  /** Sections that are not refused, by index. */
  readonly live: ReadonlySet<number>;
  /** Live sections that can share one transport, the first one's (RFC 8843 section 7). */
  readonly bundle: readonly number[];
  readonly hasGroup: boolean;
}

/** @throws ConicError `invalid_description`. */
export function readRemote(
  description: SessionDescription,
  type: "offer" | "answer",
): RemoteDescription {
  if (description.type !== type) throw invalidDescription(`the description is no ${type}`);
  const text = parseSdp(description.sdp);
  const session = readAttributes(text.session);
  const sections = text.sections.map((lines) => readSection(lines, session));
  if (sections.length === 0) throw invalidDescription(`the remote ${type} has no media section`);
  const indexes = indexByMid(sections);
  const group = session.get("group")?.find((value) => /^BUNDLE( |$)/.test(value));
  const mids = group?.split(/ +/).slice(1) ?? [];
  const members = mids.flatMap((mid) => indexes.get(mid) ?? []);
  const live = new Set<number>();
  for (const [index, section] of sections.entries()) {
    // RFC 8843 section 6: port 0 is no refusal in an offer that says bundle-only.
    const isBundleOnly = type === "offer" && section.isBundleOnly && members.includes(index);
    if (section.port !== 0 || isBundleOnly) live.add(index);
  }
  const bundle = [...new Set(members)].filter((index) => live.has(index));
  return {
    session: text.session,
    sections,
    live,
    bundle: bundle.length > 0 ? bundle : alone(sections, live),
    hasGroup: bundle.length > 0,
  };
}

function indexByMid(sections: readonly RemoteSection[]): Map<string, number> {
  const indexes = new Map<string, number>();
  for (const [index, { mid }] of sections.entries()) {
    if (mid === undefined) continue;
    if (indexes.has(mid)) throw invalidDescription("the description has one mid twice");
    indexes.set(mid, index);
  }
  return indexes;
}

/** Without a group each section wants a transport of its own, and there is one: data come first. */
function alone(sections: readonly RemoteSection[], live: ReadonlySet<number>): readonly number[] {
  const [first] = live;
  const data = [...live].find((index) => sections[index]?.kind === "application");
  const index = data ?? first;
  return index === undefined ? [] : [index];
}
