import type { ConicError } from "./errors.js";
import type { ClientId } from "./ids.js";

/** W3C RTCSdpType. */
export type SdpType = "offer" | "pranswer" | "answer" | "rollback";

/** W3C RTCSessionDescriptionInit. */
export interface SessionDescription {
  readonly type: SdpType;
  readonly sdp: string;
}

/** W3C RTCIceCandidateInit. An empty `candidate` marks the end of candidates (RFC 8838). */
export interface IceCandidate {
  readonly candidate: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
  readonly usernameFragment?: string | null;
}

/** W3C RTCIceServer. */
export interface IceServer {
  readonly urls: string | readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What two peers tell each other through a third party until they can talk directly. */
export type Signal =
  | { readonly kind: "description"; readonly description: SessionDescription }
  | { readonly kind: "candidate"; readonly candidate: IceCandidate };

/** What comes out of a signaling channel: the remote's signals, and the news that one of ours did not reach it. */
export type SignalingEvent =
  | Signal
  | {
      readonly kind: "error";
      /** What the server said, such as `target_not_found`. */
      readonly error: ConicError;
    };

/**
 * The way to one remote peer. Signals arrive in the order in which they were sent (protocol rule 4).
 *
 * `send` resolves when the signal was handed to the transport and rejects when it could not be. The iteration ends
 * when the channel is closed. Whoever is given a channel owns it and disposes it.
 */
export interface SignalingChannel extends AsyncIterable<SignalingEvent>, AsyncDisposable {
  readonly localId: ClientId;
  readonly remoteId: ClientId;
  send(signal: Signal): Promise<void>;
}
