import { Negotiation, isAnotherSession } from "./negotiation.js";

/**
 * @typedef {import("./signaling.js").Signal} Signal
 * @typedef {"calling" | "connecting" | "connected" | "interrupted" | "ended"} CallState
 *
 * Why a call is over. Of `gone`, `no-answer` and `no-path` there was no conversation; `stopped` is this side's doing.
 * @typedef {"stopped" | "left" | "declined" | "gone" | "no-answer" | "no-path" | "lost"} EndReason
 *
 * @typedef {object} CallEvents
 * @property {(to: string, signal: Signal) => void} send
 * @property {(state: CallState) => void} state
 * @property {(channel: RTCDataChannel) => void} channel
 * @property {() => void} tracks what the remote sends has changed
 * @property {(reason: EndReason) => void} ended
 * @property {(message: string) => void} fault what the call survives
 *
 * @typedef {object} CallOptions
 * @property {string} me
 * @property {string} peer
 * @property {RTCIceServer[]} iceServers
 * @property {CallEvents} events
 */

const answerTimeoutMs = 60_000;
const connectTimeoutMs = 30_000;
const restartTimeoutMs = 15_000;
const resendDelayMs = 3_000;

/** A call with one peer, from the first signal to its end. */
export class Call {
  peer;
  connection;
  #events;
  #polite;
  #negotiation;
  /** @type {CallState} */
  #state = "calling";
  #established = false;
  #restarted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Map<string, RTCRtpTransceiver>} with which this side has sent, by kind */
  #transceivers = new Map();
  /** @type {RTCDtlsTransport | undefined} */
  #transport;

  /** @param {CallOptions} options */
  constructor({ me, peer, iceServers, events }) {
    this.peer = peer;
    this.#events = events;
    this.connection = new RTCPeerConnection({ iceServers });
    // Who gives way when both offer at once: the side whose id sorts first, as in all of Conic.
    this.#polite = me < peer;
    this.#negotiation = new Negotiation(this.connection, this.#polite, {
      send: (signal) => events.send(peer, signal),
      refused: () => this.#onRefused(),
      settled: () => this.#onSettled(),
      fault: (error) => events.fault(`${peer}: ${messageOf(error)}`),
    });
    this.connection.addEventListener("connectionstatechange", () => this.#onConnection());
    this.connection.addEventListener("datachannel", ({ channel }) => this.#adopt(channel));
    this.#startTimer(answerTimeoutMs, "no-answer");
  }

  get state() {
    return this.#state;
  }

  /** Whether it was connected once. */
  get established() {
    return this.#established;
  }

  /** Tracks that the remote sends at present. */
  get remoteTracks() {
    return this.connection
      .getTransceivers()
      .filter(({ currentDirection }) => /^(sendrecv|recvonly)$/.test(currentDirection ?? ""))
      .map(({ receiver }) => receiver.track);
  }

  /**
   * Opens a channel; the first thing on either side starts the negotiation.
   * @param {string} label
   */
  open(label) {
    this.#adopt(this.connection.createDataChannel(label));
  }

  /**
   * Sends this track of its kind from now on, or none. Another one in place of one needs no negotiation. A section of
   * the description that was used once is used again: with removeTrack and addTrack there would be more and more.
   *
   * @param {"audio" | "video"} kind
   * @param {MediaStreamTrack | undefined} track
   * @param {MediaStream} stream
   */
  async setTrack(kind, track, stream) {
    if (this.#state === "ended") return;
    const known = this.#transceivers.get(kind);
    if (known !== undefined && known.currentDirection !== "stopped") {
      known.direction = track === undefined ? "recvonly" : "sendrecv";
      await known.sender.replaceTrack(track ?? null);
    } else if (track !== undefined) {
      const sender = this.connection.addTrack(track, stream);
      const added = this.connection.getTransceivers().find((one) => one.sender === sender);
      if (added !== undefined) this.#transceivers.set(kind, added);
    }
    this.#negotiation.retry();
  }

  /** @param {Signal} signal */
  receive(signal) {
    const refusal = signal.kind === "description" && signal.description.type === "rollback";
    if (this.#state === "calling" && !refusal) {
      this.#setState("connecting");
      this.#startTimer(connectTimeoutMs, "no-path");
    }
    this.#negotiation.receive(signal);
  }

  /**
   * Whether this offer is of another call of the same peer, which started anew.
   *
   * Or of one that crosses ours, before ours is answered, and goes first: Chromium 156 answers it without a data
   * channel when it had to take back an own offer whose sections stood in another order. So nothing is taken back.
   *
   * @param {RTCSessionDescriptionInit} offer
   */
  isReplacedBy(offer) {
    const crossed = this.#state === "calling" && this.#polite;
    return crossed || isAnotherSession(this.connection.remoteDescription, offer);
  }

  /**
   * STUN and TURN servers for the next search of a way, such as with credentials that end later.
   * @param {RTCIceServer[]} iceServers
   */
  useServers(iceServers) {
    if (this.#state === "ended") return;
    try {
      this.connection.setConfiguration({ iceServers });
    } catch {
      // Of no use to this browser: the ones before stay.
    }
  }

  /** The server cannot reach the peer: while there is no connection, that is the end. */
  undeliverable() {
    if (!this.#established) this.end("gone");
    else if (this.#state === "interrupted") this.end("lost");
    else setTimeout(() => this.#negotiation.resend(), resendDelayMs);
  }

  /** The server is back: what was sent just before it went may be lost. */
  resend() {
    if (this.#state !== "ended") this.#negotiation.resend();
  }

  hangUp() {
    // An offer that nobody has answered rings at the other side: it need not any more.
    if (this.#state === "calling") {
      const description = /** @type {const} */ ({ type: "rollback", sdp: "" });
      this.#events.send(this.peer, { kind: "description", description });
    }
    this.end("stopped");
  }

  /** Ends it without a word to anybody: another one takes its place. */
  discard() {
    clearTimeout(this.#timer);
    this.connection.close();
    this.#state = "ended";
  }

  /** @param {EndReason} reason */
  end(reason) {
    if (this.#state === "ended") return;
    clearTimeout(this.#timer);
    this.connection.close();
    this.#setState("ended");
    this.#events.ended(reason);
  }

  /** @param {RTCDataChannel} channel */
  #adopt(channel) {
    channel.binaryType = "arraybuffer";
    channel.addEventListener("close", () => this.#onTransport());
    this.#events.channel(channel);
  }

  #onRefused() {
    if (this.#established) {
      this.#events.fault(`${this.peer} cannot take that: it refused the change.`);
      this.#events.tracks();
    } else this.end("declined");
  }

  #onSettled() {
    this.#watchTransport();
    this.#events.tracks();
  }

  /** A remote that hangs up ends DTLS at once; the connection as a whole says so only after many seconds. */
  #watchTransport() {
    const transceiver = this.connection.getTransceivers()[0];
    const transport = this.connection.sctp?.transport ?? transceiver?.sender.transport ?? undefined;
    if (transport === undefined || transport === this.#transport) return;
    this.#transport = transport;
    transport.addEventListener("statechange", () => this.#onTransport());
  }

  #onTransport() {
    if (this.#transport?.state === "closed" || this.connection.sctp?.state === "closed") {
      this.end("left");
    }
  }

  #onConnection() {
    switch (this.connection.connectionState) {
      case "connected":
        clearTimeout(this.#timer);
        this.#established = true;
        this.#restarted = false;
        this.#setState("connected");
        return;
      case "disconnected":
        if (this.#established) this.#setState("interrupted");
        return;
      case "failed":
        this.#onFailed();
        return;
      case "closed":
        this.end("left");
        return;
      case "new":
      case "connecting":
        return;
    }
  }

  #onFailed() {
    if (!this.#established) this.end("no-path");
    else if (this.#restarted || this.#transport?.state === "failed") this.end("lost");
    else {
      this.#restarted = true;
      this.#setState("interrupted");
      this.#startTimer(restartTimeoutMs, "lost");
      this.connection.restartIce();
    }
  }

  /**
   * @param {number} ms
   * @param {EndReason} reason
   */
  #startTimer(ms, reason) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(reason), ms);
  }

  /** @param {CallState} state */
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.state(state);
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
