import { randomInt } from "node:crypto";
import type { Clock, EncodedChunk } from "@conic/domain";
import {
  RtpSession,
  SrtpSession,
  isRtcp,
  type RtpReceiver,
  type RtpReceiverConfig,
  type RtpSender,
  type RtpSenderConfig,
} from "@conic/rtp";
import type { EngineRtp } from "../engine/stack.js";
import type { SenderOutlet } from "./track-sender.js";

export interface MediaTransportEvents {
  /** SRTP has its keys: packets can go out from now on. */
  ready(): void;
}

/** RTP of one engine connection: protects and opens packets, and gives the RTP session its time. */
export class MediaTransport {
  readonly #rtp: EngineRtp;
  readonly #clock: Clock;
  readonly #session: RtpSession;
  #srtp: SrtpSession | undefined;
  #isClosed = false;
  #timerAt = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(rtp: EngineRtp, clock: Clock, cname: string, events: MediaTransportEvents) {
    this.#rtp = rtp;
    this.#clock = clock;
    this.#session = new RtpSession({
      cname,
      output: (packet) => {
        this.#output(packet);
      },
      wallClock: Date.now,
      randomUint32: () => randomInt(2 ** 32),
    });
    rtp.bind({
      ready: (keys) => {
        this.#srtp = new SrtpSession(keys);
        events.ready();
      },
      packet: (datagram) => this.#receive(datagram),
    });
  }

  get isReady(): boolean {
    return this.#srtp !== undefined && !this.#isClosed;
  }

  /** Now, by the clock that chunks are stamped with. */
  now(): number {
    return this.#clock.now();
  }

  addSender(config: RtpSenderConfig): OutgoingStream {
    return new OutgoingStream(this.#session.addSender(config), (sender, chunk) => {
      if (!this.isReady) return false;
      sender.send(chunk, this.#clock.now());
      this.#arm();
      return true;
    });
  }

  addReceiver(config: RtpReceiverConfig): RtpReceiver {
    return this.#session.addReceiver(config);
  }

  requestKeyFrame(receiver: RtpReceiver): void {
    if (this.#isClosed) return;
    receiver.requestKeyFrame(this.#clock.now());
    this.#arm();
  }

  /** What is known before the reports of the remote tell it: how soon to ask again for what is lost. */
  setRoundTripTime(roundTripTimeMs: number | undefined): void {
    this.#session.setRoundTripTime(roundTripTimeMs);
  }

  /** Says goodbye for every stream. */
  close(): void {
    if (this.#isClosed) return;
    this.#session.close(this.#clock.now());
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  #output(packet: Uint8Array): void {
    const srtp = this.#srtp;
    if (srtp === undefined || this.#isClosed) return;
    this.#rtp.send(isRtcp(packet) ? srtp.protectRtcp(packet) : srtp.protectRtp(packet));
  }

  /** @returns whether the datagram is authentic. */
  #receive(datagram: Buffer): boolean {
    const srtp = this.#srtp;
    if (srtp === undefined || this.#isClosed) return false;
    const packet = isRtcp(datagram) ? srtp.unprotectRtcp(datagram) : srtp.unprotectRtp(datagram);
    if (packet === undefined) return false;
    this.#session.receive(packet, this.#clock.now());
    this.#arm();
    return true;
  }

  /** One timer: it is set anew only for something earlier, and looks again when it rings too early. */
  #arm(): void {
    const at = this.#isClosed ? undefined : this.#session.nextTimeout();
    if (at === undefined || at >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = at;
    const delayMs = Math.max(1, Math.ceil(at - this.#clock.now()));
    this.#cancelTimer = this.#clock.schedule(delayMs, () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#cancelTimer = undefined;
      this.#session.advance(this.#clock.now());
      this.#arm();
    });
  }
}

/** One RTP stream to the remote. */
export class OutgoingStream implements SenderOutlet {
  readonly rtp: RtpSender;
  readonly #send: (sender: RtpSender, chunk: EncodedChunk) => boolean;

  constructor(rtp: RtpSender, send: (sender: RtpSender, chunk: EncodedChunk) => boolean) {
    this.rtp = rtp;
    this.#send = send;
  }

  send(chunk: EncodedChunk): boolean {
    return this.#send(this.rtp, chunk);
  }

  limit(maxBitrate: number): void {
    this.rtp.update({ maxBitrate });
  }

  stats(): ReturnType<RtpSender["stats"]> {
    return this.rtp.stats();
  }
}
