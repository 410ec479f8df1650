/**
 * Perfect negotiation (W3C WebRTC section 10.7) over one RTCPeerConnection. Signals of the remote are dealt with one
 * after the other, and candidates wait for the description that they belong to.
 *
 * @typedef {import("./signaling.js").Signal} Signal
 *
 * @typedef {object} NegotiationEvents
 * @property {(signal: Signal) => void} send
 * @property {() => void} refused the remote will not answer our offer
 * @property {() => void} settled both sides agree again
 * @property {(error: unknown) => void} fault what the connection survives
 */

const maxQueuedCandidates = 256;

export class Negotiation {
  #connection;
  #polite;
  #events;
  #offering = false;
  /** The remote's last description was ignored or failed: candidates without a fragment belong to it. */
  #skipped = false;
  /** Our last offer was refused: no other one before there is a new change. */
  #refused = false;
  /** @type {RTCIceCandidateInit[]} */
  #candidates = [];
  #last = Promise.resolve();

  /**
   * @param {RTCPeerConnection} connection
   * @param {boolean} polite whether this side gives way when both offer at once
   * @param {NegotiationEvents} events
   */
  constructor(connection, polite, events) {
    this.#connection = connection;
    this.#polite = polite;
    this.#events = events;
    connection.addEventListener("negotiationneeded", () => {
      if (!this.#refused) void this.#offer();
    });
    connection.addEventListener("icecandidate", ({ candidate }) => {
      // null is the end of the candidates, which is the empty string on the wire.
      const init = candidate?.toJSON() ?? { candidate: "", sdpMLineIndex: 0 };
      events.send({ kind: "candidate", candidate: init });
    });
  }

  /** @param {Signal} signal */
  receive(signal) {
    this.#last = this.#last.then(async () => {
      try {
        if (signal.kind === "candidate") await this.#onCandidate(signal.candidate);
        else await this.#onDescription(signal.description);
      } catch (error) {
        if (this.#connection.signalingState !== "closed") this.#events.fault(error);
      }
    });
  }

  /** There is a new change: what was refused before may be offered again with it. */
  retry() {
    if (!this.#refused) return;
    this.#refused = false;
    if (this.#connection.signalingState === "stable") void this.#offer();
  }

  /** The offer may have been lost on its way. A second copy does no harm: its answer comes too late for anybody. */
  resend() {
    const { localDescription, signalingState } = this.#connection;
    if (signalingState === "have-local-offer" && localDescription !== null) {
      this.#events.send({ kind: "description", description: plain(localDescription) });
    }
  }

  async #offer() {
    try {
      this.#offering = true;
      await this.#connection.setLocalDescription();
      this.#sendLocal();
    } catch (error) {
      if (this.#connection.signalingState !== "closed") this.#events.fault(error);
    } finally {
      this.#offering = false;
    }
  }

  /** @param {RTCSessionDescriptionInit} description */
  async #onDescription(description) {
    const state = this.#connection.signalingState;
    if (state === "closed") return;
    if (description.type === "rollback") {
      if (state === "have-local-offer") await this.#onRefused();
      return;
    }
    if (description.type === "answer") {
      if (state !== "have-local-offer") return;
      await this.#connection.setRemoteDescription(description);
    } else {
      const collision = this.#offering || state !== "stable";
      this.#skipped = collision && !this.#polite;
      if (this.#skipped || !(await this.#answer(description))) return;
    }
    this.#skipped = false;
    await this.#addWaiting();
    if (this.#connection.signalingState === "stable") this.#events.settled();
  }

  /**
   * @param {RTCSessionDescriptionInit} offer
   * @returns {Promise<boolean>} false when it cannot be used; the remote is told
   */
  async #answer(offer) {
    try {
      await this.#connection.setRemoteDescription(offer);
      await this.#connection.setLocalDescription();
    } catch (error) {
      this.#skipped = true;
      if (this.#connection.signalingState === "have-remote-offer") {
        await this.#connection.setRemoteDescription({ type: "rollback", sdp: "" });
      }
      this.#events.send({ kind: "description", description: { type: "rollback", sdp: "" } });
      this.#events.fault(error);
      return false;
    }
    this.#sendLocal();
    return true;
  }

  /** Stable again, so that the remote's next offer is no collision; and no second offer of what it cannot use. */
  async #onRefused() {
    this.#refused = true;
    await this.#connection.setLocalDescription({ type: "rollback" });
    this.#events.refused();
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #onCandidate(candidate) {
    const named = typeof candidate.usernameFragment === "string";
    if (this.#belongs(candidate) && (named || !this.#skipped)) {
      await this.#connection.addIceCandidate(candidate);
      return;
    }
    // The oldest is the least likely to be of use still.
    if (this.#candidates.length >= maxQueuedCandidates) this.#candidates.shift();
    this.#candidates.push(candidate);
  }

  async #addWaiting() {
    const waiting = this.#candidates;
    this.#candidates = waiting.filter((candidate) => !this.#belongs(candidate));
    for (const candidate of waiting) {
      if (this.#belongs(candidate)) await this.#connection.addIceCandidate(candidate);
    }
  }

  /** @param {RTCIceCandidateInit} candidate */
  #belongs({ usernameFragment }) {
    const remote = this.#connection.remoteDescription;
    if (remote === null) return false;
    if (typeof usernameFragment !== "string") return true;
    return valuesOf(remote.sdp, "a=ice-ufrag:").includes(usernameFragment);
  }

  #sendLocal() {
    const { localDescription } = this.#connection;
    if (localDescription === null) return;
    this.#events.send({ kind: "description", description: plain(localDescription) });
  }
}

/**
 * Whether an offer comes from another connection than the one whose description is `current`: the remote started
 * anew, so it has another certificate; or where it keeps that, another session and other ICE credentials (an ICE
 * restart changes the credentials alone).
 *
 * @param {RTCSessionDescription | null} current
 * @param {RTCSessionDescriptionInit} offer
 */
export function isAnotherSession(current, offer) {
  if (current === null) return false;
  /** @param {string} prefix */
  const differs = (prefix) => {
    const known = valuesOf(current.sdp.toLowerCase(), prefix);
    const offered = valuesOf((offer.sdp ?? "").toLowerCase(), prefix);
    return offered.length > 0 && !offered.some((value) => known.includes(value));
  };
  if (differs("a=fingerprint:")) return true;
  return differs("a=ice-ufrag:") && sessionId(current.sdp) !== sessionId(offer.sdp ?? "");
}

/** @param {string} sdp */
function sessionId(sdp) {
  // RFC 8866 section 5.2: o=<username> <sess-id> <sess-version> ...
  return valuesOf(sdp, "o=")[0]?.split(" ")[1];
}

/**
 * @param {string} sdp
 * @param {string} prefix
 */
function valuesOf(sdp, prefix) {
  return sdp
    .split(/\r?\n/)
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).trim());
}

/** @param {RTCSessionDescription} description */
function plain({ type, sdp }) {
  return { type, sdp };
}
