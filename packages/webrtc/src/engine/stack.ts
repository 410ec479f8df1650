import type { SrtpKeys } from "@conic/rtp";
import type { EngineEvents, EngineOptions, TransportConnection } from "./port.js";

/**
 * What Conic needs of a WebRTC stack: ICE, DTLS and data channels for one remote peer, and a way for the packets of
 * media beside them. Everything above this file knows no other stack than this interface; everything below it is one
 * adapter. The descriptions here have no media sections: those are put in and taken out above.
 *
 * The rules of an adapter: it never throws out of a callback and never lets a callback throw into the stack; it
 * reports what goes wrong as `fault`; after `close()` resolves, no socket, timer or callback of it is left.
 */
export interface Engine {
  open(options: EngineOptions, events: EngineEvents): EngineConnection;
}

export interface EngineRtpEvents {
  /** The DTLS handshake is done and has agreed on keys of SRTP (RFC 5764); not called when the remote has none. */
  ready(keys: SrtpKeys): void;
  /** A datagram of RTP or RTCP, as RFC 7983 tells them apart; returns whether it is authentic. */
  packet(datagram: Buffer): boolean;
}

/** The way for RTP and RTCP on the transport of the connection; they are protected and read above. */
export interface EngineRtp {
  /** Called once, before any description. */
  bind(events: EngineRtpEvents): void;
  /** Sends one datagram; lost, as the network loses, while there is no path. The bytes must not change afterwards. */
  send(datagram: Uint8Array): void;
}

export interface EngineConnection extends TransportConnection {
  readonly rtp: EngineRtp;
}
