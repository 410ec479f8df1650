import { dead, isData, type Layout, type Section } from "../layout.js";
import type { Terms } from "../terms.js";
import { maxMediaSections } from "../sdp/text.js";
import type { Slot } from "../slot-state.js";
import type { LocalCodecs } from "./codecs.js";
import { Numbers } from "./numbers.js";

export interface OfferInput {
  /** In force. */
  readonly stable: Layout;
  readonly slots: readonly Slot[];
  readonly codecs: LocalCodecs;
  /** Whether m=application is to be added where it is not. */
  readonly addsData: boolean;
  /** Mids that were never used. */
  nextMid(): string;
}

export interface OfferPlan {
  readonly layout: Layout;
  /** Slots for which there is no section any more. */
  readonly left: readonly Slot[];
}

/** What an offer says now (RFC 8829 sections 5.2.1 and 5.2.2). */
export function planOffer(input: OfferInput): OfferPlan {
  const { stable, slots, codecs } = input;
  const numbers = new Numbers(stable, codecs);
  const sections = stable.sections.map((section) => continued(section, codecs, numbers));
  // Those that this very offer takes away are not free yet: the remote has to agree first.
  const free = [...stable.sections.keys()].filter(
    (index) => stable.sections[index]?.isLive !== true,
  );
  const place = (make: (mid: string) => Section): boolean => {
    const index = free.shift() ?? sections.length;
    if (index >= maxMediaSections) return false;
    sections[index] = make(input.nextMid());
    return true;
  };
  if (input.addsData && !sections.some((section) => isData(section) && section.isLive)) {
    place(newDataSection);
  }
  const placed = new Set(sections.map(({ slot, isLive }) => (isLive ? slot : undefined)));
  const left = slots.filter((slot) => {
    if (slot.stopped || placed.has(slot)) return false;
    return !place((mid) => newSection(slot, mid, codecs, numbers));
  });
  return { layout: { ...stable, sections, tag: tagOf(sections, stable.tag) }, left };
}

/** The tagged section stays the same for as long as it lives (RFC 8843 section 7.5). */
function tagOf(sections: readonly Section[], before: number | undefined): number | undefined {
  if (before !== undefined && sections[before]?.isLive === true) return before;
  const first = sections.findIndex(({ isLive }) => isLive);
  return first === -1 ? undefined : first;
}

function continued(section: Section, codecs: LocalCodecs, numbers: Numbers): Section {
  const { slot, isLive, terms } = section;
  if (!isLive) return section;
  const named = { ...section, isMidNamed: true };
  if (slot === undefined) return named;
  if (slot.stopped) return dead(named);
  return { ...named, terms: termsOf(slot, terms, codecs, numbers) };
}

function newSection(slot: Slot, mid: string, codecs: LocalCodecs, numbers: Numbers): Section {
  return {
    kind: slot.kind,
    proto: "UDP/TLS/RTP/SAVPF",
    format: "0",
    mid,
    isMidNamed: true,
    isLive: true,
    slot,
    terms: termsOf(slot, undefined, codecs, numbers),
    agreement: undefined,
  };
}

function newDataSection(mid: string): Section {
  return {
    kind: "application",
    proto: "UDP/DTLS/SCTP",
    format: "webrtc-datachannel",
    mid,
    isMidNamed: true,
    isLive: true,
    slot: undefined,
    terms: undefined,
    agreement: undefined,
  };
}

function termsOf(
  slot: Slot,
  before: Terms | undefined,
  codecs: LocalCodecs,
  numbers: Numbers,
): Terms {
  const codec = codecs[slot.kind];
  return {
    direction: slot.direction,
    payloadType: before?.payloadType ?? numbers.payloadType(codec),
    feedback: codec.feedback,
    midExtensionId: before?.midExtensionId ?? numbers.midExtensionId(),
    hasReducedSizeRtcp: true,
    track: slot.localTrack,
  };
}
