import { ConicError } from "@conic/domain";
import { common, receives, reversed, sends } from "./direction.js";
import type {
  LocalTrackIds,
  MediaDirection,
  MediaKind,
  MediaSlot,
  SlotReceiveParameters,
  SlotSendParameters,
} from "./slot.js";
import type { Agreement } from "./terms.js";

/** The state of one slot; which section it has is known to the layouts of the negotiation. */
export class Slot implements MediaSlot {
  readonly kind: MediaKind;
  readonly ssrc: number;
  readonly #onStop: () => void;
  direction: MediaDirection;
  /** Set by the negotiation, as what follows. */
  mid: string | undefined;
  /** An application asked for it: it outlives the remote offer that it was made for. */
  isWanted: boolean;
  #track: LocalTrackIds;
  #end: "stopped" | "rejected" | undefined;
  #currentDirection: MediaDirection | undefined;
  #send: SlotSendParameters | undefined;
  #receive: SlotReceiveParameters | undefined;

  constructor(init: SlotInit) {
    checkTrack(init.track);
    this.kind = init.kind;
    this.ssrc = init.ssrc;
    this.direction = init.direction;
    this.isWanted = init.isWanted;
    this.#track = init.track;
    this.#onStop = init.onStop;
  }

  get localTrack(): LocalTrackIds {
    return this.#track;
  }

  set localTrack(track: LocalTrackIds) {
    checkTrack(track);
    this.#track = track;
  }

  get currentDirection(): MediaDirection | undefined {
    return this.#currentDirection;
  }

  get rejected(): boolean {
    return this.#end === "rejected";
  }

  get stopped(): boolean {
    return this.#end !== undefined;
  }

  get send(): SlotSendParameters | undefined {
    return this.#send;
  }

  get receive(): SlotReceiveParameters | undefined {
    return this.#receive;
  }

  stop(): void {
    if (this.stopped) return;
    this.end("stopped");
    this.#onStop();
  }

  /** Over, without a word to anybody. */
  end(how: "stopped" | "rejected"): void {
    this.#end ??= how;
    this.#currentDirection = undefined;
    this.#send = undefined;
    this.#receive = undefined;
  }

  /** Puts in force what was negotiated. */
  apply(agreement: Agreement): void {
    if (this.stopped || this.mid === undefined) return;
    const { terms, codec, feedback, midExtensionId, remoteDirection } = agreement;
    const direction = common(terms.direction, reversed(remoteDirection));
    const both = {
      mid: this.mid,
      nack: feedback.includes("nack"),
      pli: feedback.includes("nack pli"),
      midExtensionId,
      fmtp: codec.fmtp,
    };
    const { payloadTypes, ssrcs, trackId, streamId } = agreement;
    const send = { ...both, payloadType: codec.payloadType, ssrc: this.ssrc };
    const receive = { ...both, payloadTypes, ssrcs, trackId, streamId };
    this.#currentDirection = direction;
    this.#send = sends(direction) ? same(this.#send, send) : undefined;
    this.#receive = receives(direction) ? same(this.#receive, receive) : undefined;
  }

  /** W3C "check if negotiation is needed", steps for one transceiver; `section` is the one in force. */
  needsOffer(section: AgreedSection | undefined): boolean {
    if (this.stopped) return section?.isLive === true;
    const agreement = section?.agreement;
    if (agreement === undefined) return true;
    const { terms, remoteDirection } = agreement;
    if (sends(this.direction) && sends(terms.direction) && !isSameTrack(this.#track, terms.track)) {
      return true;
    }
    const remote = reversed(remoteDirection);
    if (agreement.offerer === "remote") return terms.direction !== common(this.direction, remote);
    return this.direction !== terms.direction && this.direction !== remote;
  }
}

interface AgreedSection {
  readonly isLive: boolean;
  readonly agreement: Agreement | undefined;
}

export interface SlotInit {
  readonly kind: MediaKind;
  readonly ssrc: number;
  readonly direction: MediaDirection;
  readonly track: LocalTrackIds;
  readonly isWanted: boolean;
  readonly onStop: () => void;
}

function isSameTrack(a: LocalTrackIds, b: LocalTrackIds): boolean {
  return a.trackId === b.trackId && a.streamId === b.streamId;
}

/** RFC 8830 section 2: these stand in a line of the description. */
function checkTrack({ trackId, streamId }: LocalTrackIds): void {
  for (const id of [trackId, streamId]) {
    if (!/^[\w!#$%&'*+.^`{|}~-]{1,64}$/.test(id)) {
      throw new ConicError(
        "invalid_argument",
        "the id of a track or stream has 1 to 64 letters, digits or signs such as - and _",
      );
    }
  }
}

/** The old object where it says the same, so that its users see by identity whether something changed. */
function same<T extends object>(before: T | undefined, now: T): T {
  return before !== undefined && textOf(before) === textOf(now) ? before : now;
}

function textOf(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) => (part instanceof Map ? [...part] : part));
}
