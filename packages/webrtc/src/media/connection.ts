import { randomInt, randomUUID } from "node:crypto";
import { ConicError, type IceCandidate, type SessionDescription } from "@conic/domain";
import type {
  EngineChannel,
  EngineChannelInit,
  EngineEvents,
  EngineOptions,
  EngineProgress,
} from "../engine/port.js";
import type { Engine, EngineConnection, EngineRtp } from "../engine/stack.js";
import type { TransportStats } from "../stats.js";
import { MediaNegotiation, type RefusedSection } from "./description/negotiation.js";
import type { MediaSessionHost } from "./session-host.js";
import { MediaSession } from "./session.js";

export interface MediaOptions extends Omit<
  MediaSessionHost,
  "negotiationNeeded" | "roundTripTimeMs" | "fault"
> {}

/** An engine connection with media: its descriptions have the sections that the engine below knows nothing of. */
export class MediaConnection implements EngineConnection {
  readonly media: MediaSession;
  readonly #inner: EngineConnection;
  readonly #negotiation: MediaNegotiation;
  readonly #events: EngineEvents;
  readonly #remoteId: string;

  constructor(engine: Engine, options: EngineOptions, events: EngineEvents, media: MediaOptions) {
    this.#events = events;
    this.#remoteId = media.remoteId;
    this.#negotiation = new MediaNegotiation({
      randomUint32: () => randomInt(2 ** 32),
      newId: randomUUID,
    });
    this.#inner = engine.open(options, {
      ...events,
      candidate: (candidate) => {
        events.candidate(this.#negotiation.localCandidate(candidate));
      },
    });
    this.media = new MediaSession(this.#inner.rtp, this.#negotiation, {
      ...media,
      negotiationNeeded: () => {
        this.#inner.prepareDataTransport();
        events.negotiationNeeded();
      },
      roundTripTimeMs: () => this.#inner.stats().roundTripTimeMs,
      fault: (error) => {
        events.fault(error);
      },
    });
  }

  get rtp(): EngineRtp {
    return this.#inner.rtp;
  }

  async offer(): Promise<SessionDescription> {
    // The section for data carries the transport of all, so there is always one.
    this.#inner.prepareDataTransport();
    return this.#negotiation.composeOffer(await this.#inner.offer());
  }

  async answer(offer: SessionDescription): Promise<SessionDescription> {
    await this.rollback();
    const taken = this.#negotiation.takeOffer(offer);
    let answer: SessionDescription;
    try {
      answer = this.#negotiation.composeAnswer(await this.#inner.answer(taken.inner, taken));
    } catch (error) {
      this.#negotiation.failed();
      throw error;
    }
    this.media.sync();
    this.#report(taken.refused);
    return answer;
  }

  async accept(answer: SessionDescription): Promise<void> {
    const taken = this.#negotiation.takeAnswer(answer);
    try {
      await this.#inner.accept(taken.inner, taken);
    } catch (error) {
      this.#negotiation.failed();
      throw error;
    }
    this.#negotiation.commit();
    this.media.sync();
  }

  async rollback(): Promise<void> {
    await this.#inner.rollback();
    this.#negotiation.rollback();
  }

  needsNegotiation(): boolean {
    return this.#inner.needsNegotiation() || this.#negotiation.needsNegotiation();
  }

  restartIce(): void {
    this.#inner.restartIce();
  }

  async addCandidate(candidate: IceCandidate): Promise<void> {
    const translated = this.#negotiation.remoteCandidate(candidate);
    if (translated !== undefined) await this.#inner.addCandidate(translated);
  }

  createChannel(init: EngineChannelInit): EngineChannel {
    this.#negotiation.dataWanted = true;
    return this.#inner.createChannel(init);
  }

  prepareDataTransport(): void {
    this.#inner.prepareDataTransport();
  }

  stats(): TransportStats {
    return this.#inner.stats();
  }

  progress(): EngineProgress {
    return this.#inner.progress();
  }

  async close(): Promise<void> {
    this.media.close();
    await this.#inner.close();
  }

  /** What the remote refuses of ours, the slots tell. */
  #report(refused: readonly RefusedSection[]): void {
    for (const { kind, codecs, by } of refused) {
      if (by !== "local") continue;
      const offered = codecs.length === 0 ? "no codec" : codecs.join(", ");
      this.#events.fault(
        new ConicError(
          "unsupported",
          `${this.#remoteId} offers ${kind} that cannot be taken (${offered}); Opus and VP8 can`,
          { details: { kind, by } },
        ),
      );
    }
  }
}
