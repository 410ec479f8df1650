import { systemClock } from "@conic/domain";
import { PeerConnectionBase } from "./connection/base.js";
import { createWeriftEngine } from "./engine/werift/engine.js";
import { MediaConnection } from "./media/connection.js";
import type { LocalTrack } from "./media/local-track.js";
import type { RemoteTrack } from "./media/remote-track.js";
import { TrackSender } from "./media/track-sender.js";
import type { Engine } from "./engine/stack.js";
import type { BasePeerConnectionOptions } from "./options.js";
import type { MediaTypes, Platform } from "./platform.js";

export interface PeerConnectionOptions extends BasePeerConnectionOptions {
  /** The WebRTC stack. Default: the one that ships with this package. */
  readonly engine?: Engine;
}

/** Media of Node: chunks that a codec made. */
interface EncodedMedia extends MediaTypes {
  readonly local: LocalTrack;
  readonly remote: RemoteTrack;
  readonly sender: TrackSender;
}

function nodePlatform(options: PeerConnectionOptions): Platform<EncodedMedia> {
  const clock = options.clock ?? systemClock;
  const engine = options.engine ?? createWeriftEngine(clock);
  return {
    open: (engineOptions, events, host) =>
      new MediaConnection(engine, engineOptions, events, { ...host, clock }),
    sender: (track) => new TrackSender(track),
  };
}

/**
 * A connection to one remote peer (W3C RTCPeerConnection), negotiated over a signaling channel by itself.
 *
 * Constructed means running: the first channel created on either side starts it, offers that cross each other are
 * settled (perfect negotiation), and a handshake that is lost on the way starts over. When the path dies, another one
 * is looked for. A connection that failed or was closed by the remote frees what it held; `closed` tells which it was,
 * and `details.reason` of its error why.
 */
export class PeerConnection extends PeerConnectionBase<EncodedMedia> {
  /** @throws ConicError `invalid_argument` for an ICE server or a host address that is none. */
  constructor(options: PeerConnectionOptions) {
    super(options, nodePlatform(options));
  }
}
