import type { RttEstimator } from "../send/rtt.js";
import { chunkType } from "../wire/constants.js";
import { readInit, writeInit, type Features, type Init } from "../wire/chunks/init.js";
import { viewOf, writeChunk } from "../wire/parameters.js";

/** A packet of the handshake is small, and all wait for it: it is repeated more often than data would be. */
const maxTimeoutMs = 1_000;
const maxAttempts = 30;
const cookieBytes = 8;
/** Of parameters that are reported back. */
const maxReportBytes = 512;

/** A packet of the handshake: it travels alone, under this verification tag. */
export interface HandshakePacket {
  readonly tag: number;
  readonly chunk: Uint8Array;
}

export interface HandshakeOptions {
  readonly tag: number;
  readonly initialTsn: number;
  readonly receiveWindow: number;
  readonly features: Features;
  readonly random32: () => number;
  readonly rtt: RttEstimator;
  /** The association stands, with what the remote said of itself. */
  readonly established: (remote: Init) => void;
}

/**
 * Four messages that set up an association (RFC 9260 section 5), by one side or both at once. The cookie is a
 * nonce for what is kept here: DTLS has proved the remote already, so that nobody can flood us with INITs.
 */
export class Handshake {
  readonly #options: HandshakeOptions;
  #state: "idle" | "cookieWait" | "cookieEchoed" | "done" = "idle";
  #remote: Init | undefined;
  #pending: { readonly init: Init; readonly cookie: Uint8Array } | undefined;
  #attempts = 0;
  #sentAt = 0;
  #timeoutAt: number | undefined;
  #packets: HandshakePacket[] = [];

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  get isIdle(): boolean {
    return this.#state === "idle";
  }

  /** Whether the remote knows us so well that data of it may come. */
  get awaitsCookieAck(): boolean {
    return this.#state === "cookieEchoed";
  }

  get nextTimeout(): number | undefined {
    return this.#timeoutAt;
  }

  /** Whether the remote has not answered often enough. */
  get hasFailed(): boolean {
    return this.#attempts > maxAttempts;
  }

  take(): readonly HandshakePacket[] {
    const packets = this.#packets;
    if (packets.length > 0) this.#packets = [];
    return packets;
  }

  start(now: number): void {
    if (this.#state !== "idle") return;
    this.#state = "cookieWait";
    this.#repeat(now);
  }

  advance(now: number): void {
    if (this.#timeoutAt === undefined || this.#timeoutAt > now) return;
    this.#options.rtt.onTimeout();
    this.#repeat(now);
  }

  /** @returns whether it is an INIT at all. */
  onInit(value: Uint8Array): boolean {
    const init = readInit(value);
    if (init === undefined) return false;
    // Once the association stands, a late copy needs no answer, and a restart has no place: over one DTLS
    // connection the remote can only pretend to have forgotten us.
    if (this.#state === "done") return true;
    if (this.#pending?.init.tag !== init.tag) {
      const cookie = new Uint8Array(cookieBytes);
      viewOf(cookie).setUint32(0, this.#options.random32());
      viewOf(cookie).setUint32(4, this.#options.random32());
      this.#pending = { init, cookie };
    }
    const { cookie } = this.#pending;
    this.#put(
      init.tag,
      writeInit(chunkType.initAck, {
        ...this.#local(),
        cookie,
        unrecognized: fitting(init.unrecognized ?? []),
      }),
    );
    return true;
  }

  /** @returns whether it is an INIT ACK at all. */
  onInitAck(value: Uint8Array, now: number): boolean {
    const init = readInit(value);
    if (init?.cookie === undefined || init.cookie.length > 1_024) return false;
    if (this.#state !== "cookieWait") return true;
    this.#remote = init;
    this.#state = "cookieEchoed";
    // Of a repeated INIT it is not known which one this answers.
    if (this.#attempts === 1) this.#options.rtt.onSample(now - this.#sentAt);
    this.#attempts = 0;
    this.#options.rtt.onProgress();
    this.#repeat(now);
    return true;
  }

  onCookieEcho(value: Uint8Array): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    if (value.length < cookieBytes || !pending.cookie.every((byte, at) => byte === value[at]))
      return;
    if (this.#state !== "done") {
      this.#remote = pending.init;
      this.#finish(pending.init);
    }
    // Also when it was lost the first time.
    if (this.#remote !== undefined) {
      this.#put(this.#remote.tag, writeChunk(chunkType.cookieAck, 0));
    }
  }

  onCookieAck(): void {
    if (this.#state === "cookieEchoed" && this.#remote !== undefined) this.#finish(this.#remote);
  }

  stop(): void {
    this.#state = "done";
    this.#timeoutAt = undefined;
    this.#packets = [];
  }

  #finish(remote: Init): void {
    this.#state = "done";
    this.#timeoutAt = undefined;
    this.#options.rtt.onProgress();
    this.#options.established(remote);
  }

  #repeat(now: number): void {
    this.#attempts += 1;
    this.#sentAt = now;
    this.#timeoutAt = now + Math.min(this.#options.rtt.answerTimeout, maxTimeoutMs);
    const cookie = this.#remote?.cookie;
    if (this.#state === "cookieEchoed" && this.#remote !== undefined && cookie !== undefined) {
      this.#put(this.#remote.tag, writeChunk(chunkType.cookieEcho, 0, cookie));
      return;
    }
    this.#put(0, writeInit(chunkType.init, this.#local()));
  }

  #local(): Init {
    const { tag, initialTsn, receiveWindow, features } = this.#options;
    return {
      tag,
      initialTsn,
      receiveWindow,
      outboundStreams: 65_535,
      inboundStreams: 65_535,
      features,
    };
  }

  #put(tag: number, chunk: Uint8Array): void {
    // The remote decides how often this is called: no more wait than one turn needs.
    if (this.#packets.length < 4) this.#packets.push({ tag, chunk });
  }
}

function fitting(parameters: readonly Uint8Array[]): readonly Uint8Array[] {
  let room = maxReportBytes;
  return parameters.filter(({ length }) => {
    if (length > room) return false;
    room -= length;
    return true;
  });
}
