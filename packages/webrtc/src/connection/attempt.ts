import type { ConicError, SessionDescription, Signal } from "@conic/domain";
import type { EngineChannel, EngineState } from "../engine/port.js";
import { Negotiator } from "../negotiation/negotiator.js";
import { isNewSession } from "../negotiation/session.js";
import type { BasePeerConnectionOptions } from "../options.js";
import type { MediaTypes, Platform, PlatformConnection } from "../platform.js";

/**
 * After it has taken its own offer back for ours, Chromium now and then gathers nothing and checks nothing, for good.
 * Tried once: on a slow way, candidates may come later than this.
 */
const silentPathTimeoutMs = 2_000;

export interface AttemptHost<M extends MediaTypes> {
  readonly options: BasePeerConnectionOptions;
  readonly polite: boolean;
  readonly isFirst: boolean;
  readonly send: (signal: Signal) => void;
  readonly state: (state: EngineState, reason?: ConicError) => void;
  readonly path: () => void;
  readonly stalled: () => void;
  readonly refused: () => void;
  readonly channel: (channel: EngineChannel) => void;
  readonly track: (track: M["remote"]) => void;
  readonly fault: (error: ConicError) => void;
}

/** One try at a connection: an engine connection and the negotiation over it, which live and die together. */
export class Attempt<M extends MediaTypes> {
  readonly engine: PlatformConnection<M>;
  readonly negotiator: Negotiator;

  constructor(platform: Platform<M>, host: AttemptHost<M>) {
    const { options } = host;
    const pathTimeoutMs = options.pathTimeoutMs ?? 8_000;
    this.engine = platform.open(
      {
        iceServers: options.iceServers ?? [],
        maxMessageBytes: options.maxMessageBytes ?? 262_144,
        hostAddresses: options.hostAddresses,
        disconnectedTimeoutMs: options.disconnectedTimeoutMs ?? 5_000,
        failedTimeoutMs: options.failedTimeoutMs ?? 30_000,
        pathTimeoutMs,
        silentPathTimeoutMs: host.isFirst
          ? Math.min(pathTimeoutMs, silentPathTimeoutMs)
          : pathTimeoutMs,
        handshakeTimeoutMs: options.handshakeTimeoutMs ?? 5_000,
      },
      {
        candidate: (candidate) => {
          host.send({ kind: "candidate", candidate });
        },
        state: host.state,
        path: host.path,
        stalled: host.stalled,
        channel: host.channel,
        negotiationNeeded: () => {
          this.negotiator.needed();
        },
        fault: host.fault,
      },
      {
        remoteId: options.signaling.remoteId,
        maxBufferedChunks: options.maxBufferedChunks ?? 512,
        track: host.track,
      },
    );
    this.negotiator = new Negotiator(this.engine, host.polite, {
      send: (description) => {
        host.send({ kind: "description", description });
      },
      refused: host.refused,
      fault: host.fault,
    });
  }

  /** Whether a remote description belongs to another session than this attempt, which then leads nowhere. */
  isReplacedBy(next: SessionDescription, established: boolean): boolean {
    const { remoteDescription: current, isSpoilt, signalingState } = this.negotiator;
    const isOther = current !== undefined && isNewSession(current, next);
    switch (next.type) {
      case "offer":
        return isOther || (isSpoilt && !established);
      case "answer":
        // One that was asked for is judged by whether it can be used.
        return isOther && !established && signalingState === "stable";
      case "pranswer":
      case "rollback":
        return false;
    }
  }

  async close(): Promise<void> {
    this.negotiator.stop();
    await this.engine.close();
  }
}
