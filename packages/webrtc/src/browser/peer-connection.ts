import { ConicError, systemClock } from "@conic/domain";
import { PeerConnectionBase } from "../connection/base.js";
import type { BasePeerConnectionOptions } from "../options.js";
import type { Platform } from "../platform.js";
import { TrackSender } from "./media/track-sender.js";
import type { NativeMediaTypes } from "./media/types.js";
import { NativeConnection } from "./native/connection.js";

/** @throws ConicError `unsupported`, `invalid_argument`. */
function browserPlatform(options: BasePeerConnectionOptions): Platform<NativeMediaTypes> {
  for (const name of ["engine", "hostAddresses"] as const) {
    if ((options as Partial<Record<typeof name, unknown>>)[name] === undefined) continue;
    throw new ConicError("unsupported", `${name} is for Node: a browser chooses that by itself`);
  }
  const clock = options.clock ?? systemClock;
  return {
    open: (engineOptions, events, host) =>
      new NativeConnection(engineOptions, events, { ...host, clock }),
    sender: (track) => new TrackSender(track),
  };
}

/**
 * A connection to one remote peer over the RTCPeerConnection of the browser, negotiated over a signaling channel by
 * itself. The same as in Node, but for what tracks carry.
 *
 * Constructed means running: the first channel created on either side starts it, offers that cross each other are
 * settled (perfect negotiation), and a handshake that is lost on the way starts over. When the path dies, another one
 * is looked for. A connection that failed or was closed by the remote frees what it held; `closed` tells which it was,
 * and `details.reason` of its error why.
 */
export class PeerConnection extends PeerConnectionBase<NativeMediaTypes> {
  /** @throws ConicError `invalid_argument` for an ICE server that is none, `unsupported` for options of Node alone. */
  constructor(options: BasePeerConnectionOptions) {
    super(options, browserPlatform(options));
  }
}
