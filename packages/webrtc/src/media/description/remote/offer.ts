import type { ConicError } from "@conic/domain";
import { common, receives, reversed } from "../direction.js";
import { dead, isData, type Layout, type Section } from "../layout.js";
import type { Terms } from "../terms.js";
import type { LocalCodec, LocalCodecs } from "../local/codecs.js";
import { midExtensionIdOf } from "../local/numbers.js";
import { invalidDescription } from "../sdp/text.js";
import type { MediaKind } from "../slot.js";
import type { Slot } from "../slot-state.js";
import { agree, isCarried, matchingCodecs, numbersOf, type RefusedSection } from "./agree.js";
import type { RemoteDescription } from "./description.js";
import type { RemoteSection } from "./section.js";

export interface RemoteOfferInput {
  readonly remote: RemoteDescription;
  /** In force. */
  readonly stable: Layout;
  readonly slots: readonly Slot[];
  readonly codecs: LocalCodecs;
  makeSlot(kind: MediaKind, others: readonly Slot[]): Slot;
}

/** A remote offer, with what each of its sections will be. */
export interface RemoteOfferPlan {
  readonly remote: RemoteDescription;
  readonly layout: Layout;
  readonly created: readonly Slot[];
  readonly refused: readonly RefusedSection[];
  /** Slots whose section this side has to refuse. */
  readonly rejected: readonly Slot[];
}

/** @throws ConicError `invalid_description` for an offer that does not follow the one in force. */
export function planRemoteOffer(input: RemoteOfferInput): RemoteOfferPlan {
  const { remote, stable } = input;
  if (remote.sections.length < stable.sections.length) {
    throw invalidDescription("the remote offer lacks media sections that earlier ones had");
  }
  const planner = new Planner(input);
  const planned = remote.sections.map((section, index) => planner.section(section, index));
  // A section without a mid stands for the one that was there before.
  if (new Set(planned.map(({ mid }) => mid)).size < planned.length) throw outOfOrder();
  const sections = withCarrier(planned, remote);
  const tag = remote.bundle.find((index) => sections[index]?.isLive === true);
  const { remoteTransport } = stable;
  return {
    remote,
    layout: { sections, tag, numbers: numbersOf(remote), remoteTransport },
    created: planner.created,
    refused: planner.refused,
    rejected: planner.rejected,
  };
}

class Planner {
  readonly created: Slot[] = [];
  readonly refused: RefusedSection[] = [];
  readonly rejected: Slot[] = [];
  readonly #input: RemoteOfferInput;
  readonly #waiting: Slot[];
  #hasData = false;

  constructor(input: RemoteOfferInput) {
    this.#input = input;
    const placed = new Set(input.stable.sections.map(({ slot }) => slot));
    this.#waiting = input.slots.filter((slot) => !slot.stopped && !placed.has(slot));
  }

  section(remote: RemoteSection, index: number): Section {
    const { live, bundle } = this.#input.remote;
    const before = this.#input.stable.sections[index];
    const plain = plainSection(remote, index, before);
    checkContinuity(remote, before);
    const slot = before?.isLive === true ? before.slot : undefined;
    if (!live.has(index)) return { ...plain, slot: before?.slot };
    if (isData(remote) && bundle.includes(index) && !this.#hasData) {
      this.#hasData = true;
      return { ...plain, isLive: true };
    }
    const kind = mediaKind(remote.kind);
    const codec = kind === undefined ? undefined : this.#input.codecs[kind];
    if (kind === undefined || codec === undefined || !this.#isTakeable(remote, index, codec)) {
      return this.#refuse(remote, { ...plain, slot });
    }
    return { ...plain, isLive: true, slot: slot ?? this.#slotFor(kind, remote) };
  }

  #isTakeable(remote: RemoteSection, index: number, codec: LocalCodec): boolean {
    return isCarried(this.#input.remote, index) && matchingCodecs(remote, codec).length > 0;
  }

  #refuse(remote: RemoteSection, section: Section): Section {
    const encodings = remote.codecs.map(({ encoding }) => encoding).filter(Boolean);
    this.refused.push({ kind: remote.kind, codecs: [...new Set(encodings)], by: "local" });
    if (section.slot !== undefined) this.rejected.push(section.slot);
    return section;
  }

  /** RFC 8829 section 5.10: a slot that waits takes a section whose offerer wants to receive. */
  #slotFor(kind: MediaKind, { direction }: RemoteSection): Slot {
    const index = this.#waiting.findIndex((slot) => slot.kind === kind);
    const [waiting] = index === -1 || !receives(direction) ? [] : this.#waiting.splice(index, 1);
    if (waiting !== undefined) return waiting;
    const slot = this.#input.makeSlot(kind, this.created);
    this.created.push(slot);
    return slot;
  }
}

/**
 * RFC 8843 section 7.3.1 lets an answer refuse the tagged section and move the transport to the next one. Chromium
 * fails at that ("Failed to setup RTCP mux"), so that one stays, without media, for as long as another needs it.
 */
function withCarrier(sections: readonly Section[], remote: RemoteDescription): readonly Section[] {
  const [tag, ...others] = remote.bundle;
  const carrier = tag === undefined ? undefined : remote.sections[tag]?.codecs[0];
  const isRefused = tag !== undefined && sections[tag]?.isLive === false && isCarried(remote, tag);
  const isNeeded = others.some((index) => sections[index]?.isLive === true);
  if (!isRefused || !isNeeded || carrier === undefined) return sections;
  return sections.map((section, index) => {
    return index === tag ? { ...section, isLive: true, carrier } : section;
  });
}

function mediaKind(kind: string): MediaKind | undefined {
  return kind === "audio" || kind === "video" ? kind : undefined;
}

function plainSection(remote: RemoteSection, index: number, before: Section | undefined): Section {
  const [format = "0"] = remote.formats;
  const sameMid = before?.isLive === true ? before.mid : undefined;
  return {
    kind: remote.kind,
    proto: remote.proto,
    format: remote.proto.includes("RTP/") ? "0" : format,
    mid: remote.mid ?? sameMid ?? `unnamed-${index}`,
    isMidNamed: remote.mid !== undefined,
    isLive: false,
    slot: undefined,
    terms: undefined,
    agreement: undefined,
  };
}

/** RFC 8829 section 5.2.2: a section that lives stays where it is, and what it is. */
function checkContinuity(remote: RemoteSection, before: Section | undefined): void {
  if (before?.isLive !== true) return;
  const isSame = before.kind === remote.kind && (remote.mid ?? before.mid) === before.mid;
  if (!isSame) {
    throw outOfOrder();
  }
}

function outOfOrder(): ConicError<"invalid_description"> {
  return invalidDescription("the remote offer changes the order of the media sections");
}

/** The layout once the offer is answered, with the wishes that this side has by now. */
export function answeredLayout({ remote, layout }: RemoteOfferPlan, codecs: LocalCodecs): Layout {
  const sections = layout.sections.map((section, index) => {
    const { slot, isLive } = section;
    const offered = remote.sections[index];
    if (!isLive || offered === undefined) return dead(section);
    if (slot === undefined || section.carrier !== undefined) return section;
    const codec = codecs[slot.kind];
    const [first, ...others] = matchingCodecs(offered, codec);
    if (first === undefined) return dead(section);
    const wanted = slot.stopped ? "inactive" : slot.direction;
    const terms: Terms = {
      direction: common(wanted, reversed(offered.direction)),
      payloadType: first.payloadType,
      feedback: codec.feedback.filter((value) => first.feedback.includes(value)),
      midExtensionId: midExtensionIdOf(offered.extensions, section.mid),
      hasReducedSizeRtcp: offered.attributes.has("rtcp-rsize"),
      track: slot.localTrack,
    };
    const { mid } = section;
    const agreement = agree({
      offerer: "remote",
      terms,
      remote: offered,
      mid,
      codecs: [first, ...others],
    });
    return { ...section, terms, agreement };
  });
  return { ...layout, sections };
}
