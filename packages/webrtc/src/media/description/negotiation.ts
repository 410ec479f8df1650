import { ConicError, type IceCandidate, type SessionDescription } from "@conic/domain";
import { innerCandidate, outerCandidate } from "./candidates.js";
import { directionOf, receives, sends } from "./direction.js";
import { emptyLayout, isData, type Layout } from "./layout.js";
import { defaultCodecs, type LocalCodecs } from "./local/codecs.js";
import { innerText, isCandidateLine, isTransportLine, splitInner } from "./local/inner.js";
import { planOffer } from "./local/offer.js";
import { writeDescription } from "./local/write.js";
import { transportSection, type RefusedSection } from "./remote/agree.js";
import { planRemoteAnswer, type RemoteAnswerPlan } from "./remote/answer.js";
import { readRemote, type RemoteDescription } from "./remote/description.js";
import { answeredLayout, planRemoteOffer, type RemoteOfferPlan } from "./remote/offer.js";
import { invalidDescription, maxMediaSections, writeSdp } from "./sdp/text.js";
import { SlotSet } from "./slot-set.js";
import type { LocalTrackIds, MediaKind, MediaSlot } from "./slot.js";

export type { RefusedSection } from "./remote/agree.js";

export interface MediaNegotiationOptions {
  /** Uniform in 0 .. 2^32 - 1; for SSRCs. */
  randomUint32(): number;
  /** A token of at least 64 random bits; for the CNAME (RFC 7022) and for ids of tracks that do not exist yet. */
  newId(): string;
  /** Default Opus as payload type 111 and VP8 as 96. */
  readonly codecs?: LocalCodecs | undefined;
}

export interface TakenDescription {
  /** For the engine below: nothing but the session and its m=application. */
  readonly inner: SessionDescription;
  /** False where the m=application of `inner` is made up: no data channel will open. */
  readonly carriesData: boolean;
  readonly refused: readonly RefusedSection[];
}

type Pending =
  | { readonly kind: "offer"; readonly layout: Layout }
  | { readonly kind: "answer"; readonly offered: Layout; readonly plan: RemoteAnswerPlan }
  | { readonly kind: "remote-offer"; readonly plan: RemoteOfferPlan };

/**
 * The media sections of one peer connection through all of its offers and answers (RFC 8829), spliced around the one
 * m=application of the engine below. Does no I/O. Every method that reads a remote description throws ConicError
 * `invalid_description` for one that cannot be used, and no other error because of it.
 */
export class MediaNegotiation {
  /** Of all streams of this side, in descriptions and in RTCP (RFC 3550 section 6.5.1). */
  readonly cname: string;
  /** Set once a data channel is wanted: an offer then has m=application, even to a remote that came without. */
  dataWanted = false;
  readonly #codecs: LocalCodecs;
  readonly #slots: SlotSet;
  #stable: Layout = emptyLayout;
  #pending: Pending | undefined;
  #isDataRefused = false;
  #innerMid = "0";
  #nextMid = 0;

  constructor(options: MediaNegotiationOptions) {
    this.cname = options.newId();
    this.#codecs = options.codecs ?? defaultCodecs;
    this.#slots = new SlotSet(options, () => {
      this.#settle();
    });
  }

  /** In the order in which they were made; stopped ones until their section is used again. */
  get slots(): readonly MediaSlot[] {
    return this.#slots.all;
  }

  /**
   * W3C addTrack: a slot of the kind that does not send takes the track, else a new one.
   * @throws ConicError `invalid_argument` for ids that do not fit in a description or are in use, `invalid_state` for more sections
   * than a description has.
   */
  addTrack(kind: MediaKind, track: LocalTrackIds): MediaSlot {
    const idle = this.#slots.all.find((slot) => {
      return slot.kind === kind && !slot.stopped && !sends(slot.direction);
    });
    if (this.#slots.isSent(track)) {
      throw new ConicError("invalid_argument", "a track of these ids is sent already");
    }
    if (idle !== undefined) {
      idle.localTrack = track;
      idle.direction = directionOf(true, receives(idle.direction));
      idle.isWanted = true;
      return idle;
    }
    const used = this.#current.sections.filter(({ isLive, slot }) => isLive && slot === undefined);
    const living = this.#slots.all.filter(({ stopped }) => !stopped);
    // One section is kept for the data channels.
    if (Math.max(used.length, 1) + living.length >= maxMediaSections) {
      throw new ConicError(
        "invalid_state",
        `a connection has ${maxMediaSections} media sections at most: stop one of its slots first`,
      );
    }
    return this.#slots.add({ kind, track, direction: "sendrecv", isWanted: true });
  }

  /** W3C "check if negotiation is needed", compared with what both sides agreed on last. */
  needsNegotiation(): boolean {
    const { sections } = this.#stable;
    const hasData = sections.some((section) => isData(section) && section.isLive);
    if (this.dataWanted && !hasData && !this.#isDataRefused) return true;
    return this.#slots.all.some((slot) => {
      return slot.needsOffer(sections.find((section) => section.slot === slot));
    });
  }

  /** The whole offer around that of the engine below; replaces an own one that is not answered yet. */
  composeOffer(inner: SessionDescription): SessionDescription {
    if (this.#pending?.kind === "remote-offer")
      throw outOfTurn("a remote offer waits for its answer");
    const parts = splitInner(inner);
    const used = new Set(this.#stable.sections.map(({ mid }) => mid));
    let next = this.#nextMid;
    const { layout, left } = planOffer({
      stable: this.#stable,
      slots: this.#slots.all,
      codecs: this.#codecs,
      addsData: this.#stable === emptyLayout || (this.dataWanted && !this.#isDataRefused),
      nextMid: () => {
        while (used.has(String(next))) next += 1;
        next += 1;
        return String(next - 1);
      },
    });
    for (const slot of left) slot.end("rejected");
    this.#innerMid = parts.mid;
    this.#settle({ kind: "offer", layout });
    return this.#write(layout, parts, groupOf(layout));
  }

  /** The whole answer around that of the engine below. What was negotiated is in force from now on. */
  composeAnswer(inner: SessionDescription): SessionDescription {
    const pending = this.#pending;
    if (pending?.kind !== "remote-offer") throw outOfTurn("there is no remote offer to answer");
    const parts = splitInner(inner);
    const { plan } = pending;
    const layout = {
      ...answeredLayout(plan, this.#codecs),
      remoteTransport: this.#remoteTransport(plan.remote, plan.layout.tag),
    };
    const group = plan.remote.hasGroup ? answerGroup(layout, plan.remote.bundle) : undefined;
    const answer = this.#write(layout, parts, group);
    this.#innerMid = parts.mid;
    if (layout.sections.some((section) => isData(section) && section.isLive)) {
      this.#isDataRefused = false;
    }
    this.#apply(layout, plan.rejected);
    return answer;
  }

  /** Pending until `composeAnswer` or `failed`; an own offer is rolled back, whatever comes of it. */
  takeOffer(description: SessionDescription): TakenDescription {
    this.rollback();
    this.failed();
    const remote = readRemote(description, "offer");
    const plan = planRemoteOffer({
      remote,
      stable: this.#stable,
      slots: this.#slots.all,
      codecs: this.#codecs,
      makeSlot: (kind, others) => this.#slots.make(kind, others),
    });
    const taken = this.#taken(description, remote, plan);
    this.#slots.adopt(plan.created);
    this.#settle({ kind: "remote-offer", plan });
    return taken;
  }

  /** Pending until `commit` or `failed`. */
  takeAnswer(description: SessionDescription): TakenDescription {
    if (this.#pending === undefined || this.#pending.kind === "remote-offer") {
      throw outOfTurn("there is no offer that an answer could be for");
    }
    this.failed();
    const offered = this.#current;
    const remote = readRemote(description, "answer");
    const plan = planRemoteAnswer({ remote, offered, codecs: this.#codecs });
    const taken = this.#taken(description, remote, plan);
    const remoteTransport = this.#remoteTransport(remote, plan.layout.tag);
    this.#settle({
      kind: "answer",
      offered,
      plan: { ...plan, layout: { ...plan.layout, remoteTransport } },
    });
    return taken;
  }

  /** The answer that was taken is in force. */
  commit(): void {
    if (this.#pending?.kind !== "answer") throw outOfTurn("no answer was taken");
    const { plan } = this.#pending;
    this.#isDataRefused ||= plan.refusesData;
    this.#apply(plan.layout, plan.rejected);
  }

  /** The description that was taken came to nothing: undoes `takeOffer` or `takeAnswer`. */
  failed(): void {
    if (this.#pending?.kind === "answer") {
      this.#settle({ kind: "offer", layout: this.#pending.offered });
    } else if (this.#pending?.kind === "remote-offer") {
      for (const slot of this.#pending.plan.created) {
        if (!slot.isWanted) slot.end("stopped");
      }
      this.#pending = undefined;
      this.#settle();
    }
  }

  /** Takes back the own offer (RFC 8829 section 4.1.10.2): slots that it gave a section wait again. */
  rollback(): void {
    if (this.#pending === undefined || this.#pending.kind === "remote-offer") return;
    this.#pending = undefined;
    this.#settle();
  }

  /** A candidate of the engine below, as the remote is to see it. */
  localCandidate(candidate: IceCandidate): IceCandidate {
    return outerCandidate(candidate, this.#current);
  }

  /** A remote candidate for the engine below; undefined for one of a transport that is not used. */
  remoteCandidate(candidate: IceCandidate): IceCandidate | undefined {
    const layout = this.#pending?.kind === "offer" ? this.#stable : this.#current;
    return innerCandidate(candidate, layout, this.#innerMid);
  }

  get #current(): Layout {
    const pending = this.#pending;
    if (pending === undefined) return this.#stable;
    return pending.kind === "offer" ? pending.layout : pending.plan.layout;
  }

  #settle(pending: Pending | undefined = this.#pending): void {
    this.#pending = pending;
    this.#slots.settle(this.#current, this.#stable);
  }

  #apply(layout: Layout, rejected: Iterable<{ end(how: "rejected"): void }>): void {
    this.#stable = layout;
    this.#pending = undefined;
    for (const { mid } of layout.sections) {
      if (/^\d{1,9}$/.test(mid)) this.#nextMid = Math.max(this.#nextMid, Number(mid) + 1);
    }
    for (const slot of rejected) slot.end("rejected");
    this.#settle();
    this.#slots.apply(layout);
  }

  #write(
    layout: Layout,
    inner: ReturnType<typeof splitInner>,
    group: readonly string[] | undefined,
  ): SessionDescription {
    return writeDescription({ layout, inner, group, codecs: this.#codecs, cname: this.cname });
  }

  #taken(
    { type }: SessionDescription,
    remote: RemoteDescription,
    { layout, refused }: Pick<RemoteOfferPlan, "layout" | "refused">,
  ): TakenDescription {
    const index = layout.sections.findIndex((section) => isData(section) && section.isLive);
    const data = index === -1 ? undefined : remote.sections[index];
    const tagged = transportSection(remote, layout.tag);
    const { remoteTransport } = this.#stable;
    if (tagged === undefined && remoteTransport.length === 0) {
      throw invalidDescription(`the remote ${type} refuses every media section`);
    }
    const text = innerText({ remote, data, tagged, remoteTransport, mid: this.#innerMid });
    return { inner: { type, sdp: writeSdp(text) }, carriesData: data !== undefined, refused };
  }

  #remoteTransport(remote: RemoteDescription, tag: number | undefined): readonly string[] {
    const lines = transportSection(remote, tag)?.lines;
    if (lines === undefined) return this.#stable.remoteTransport;
    return lines.filter((line) => isTransportLine(line) && !isCandidateLine(line));
  }
}

function groupOf({ sections, tag }: Layout): readonly string[] | undefined {
  if (tag === undefined) return undefined;
  const live = sections.filter(({ isLive }) => isLive).map(({ mid }) => mid);
  const first = sections[tag]?.mid ?? "";
  return [first, ...live.filter((mid) => mid !== first)];
}

/** In the order of the offer, less what is refused (RFC 8843 section 7.3). */
function answerGroup(
  { sections }: Layout,
  bundle: readonly number[],
): readonly string[] | undefined {
  const mids = bundle.flatMap((index) => {
    const section = sections[index];
    return section?.isLive === true ? section.mid : [];
  });
  return mids.length === 0 ? undefined : mids;
}

function outOfTurn(message: string): ConicError<"invalid_state"> {
  return new ConicError("invalid_state", message);
}
