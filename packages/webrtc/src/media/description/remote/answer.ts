import { dead, isData, type Layout, type Section } from "../layout.js";
import type { LocalCodecs } from "../local/codecs.js";
import { invalidDescription } from "../sdp/text.js";
import type { Slot } from "../slot-state.js";
import { agree, isCarried, matchingCodecs, numbersOf, type RefusedSection } from "./agree.js";
import type { RemoteDescription } from "./description.js";
import type { RemoteSection } from "./section.js";

export interface RemoteAnswerInput {
  readonly remote: RemoteDescription;
  /** The own offer. */
  readonly offered: Layout;
  readonly codecs: LocalCodecs;
}

export interface RemoteAnswerPlan {
  readonly layout: Layout;
  readonly refused: readonly RefusedSection[];
  readonly rejected: readonly Slot[];
  readonly refusesData: boolean;
}

/** @throws ConicError `invalid_description` for an answer to another offer. */
export function planRemoteAnswer(input: RemoteAnswerInput): RemoteAnswerPlan {
  const { remote, offered, codecs } = input;
  if (remote.sections.length !== offered.sections.length) {
    throw invalidDescription(
      "the remote answer has another number of media sections than the offer",
    );
  }
  const sections = remote.sections.map((section, index) => {
    return answeredSection(input, section, index);
  });
  const lost = offered.sections.filter((section, index) => {
    return section.isLive && !isInForce(sections[index]);
  });
  const rejected = lost.flatMap(({ slot }) => slot ?? []).filter((slot) => !slot.stopped);
  return {
    layout: {
      sections,
      tag: remote.bundle.find((index) => sections[index]?.isLive === true),
      numbers: numbersOf(remote),
      remoteTransport: offered.remoteTransport,
    },
    refused: rejected.map(({ kind }) => {
      return { kind, codecs: [codecs[kind].encoding], by: "remote" };
    }),
    rejected,
    refusesData: lost.some(isData),
  };
}

function isInForce(section: Section | undefined): boolean {
  if (section?.isLive !== true) return false;
  return section.slot === undefined || section.agreement !== undefined;
}

function answeredSection(
  { remote, offered, codecs }: RemoteAnswerInput,
  section: RemoteSection,
  index: number,
): Section {
  const own = offered.sections[index];
  if (own?.kind !== section.kind || (section.mid ?? own.mid) !== own.mid) {
    throw invalidDescription("the remote answer has other media sections than the offer");
  }
  if (!own.isLive || !remote.live.has(index)) return dead(own);
  const { slot, terms, mid } = own;
  if (slot === undefined) return remote.bundle.includes(index) ? own : dead(own);
  const [codec, ...others] = matchingCodecs(section, codecs[slot.kind]);
  if (terms === undefined || codec === undefined || !isCarried(remote, index)) {
    // It lives for the remote, which has to be told that nothing comes of it.
    return { ...own, agreement: undefined };
  }
  const agreement = agree({
    offerer: "local",
    terms,
    remote: section,
    mid,
    codecs: [codec, ...others],
  });
  return { ...own, agreement };
}
