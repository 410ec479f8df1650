// A remote peer made of the W3C's RTCPeerConnection and nothing else: the page of a browser and the child process of
// @roamhq/wrtc both run this file. What it can be told and what it says is described in ../matrix/links/protocol.ts.

/** @typedef {import("../matrix/links/protocol.js").Command} Command */
/** @typedef {import("../matrix/links/protocol.js").RemoteEvent} RemoteEvent */
/** @typedef {import("../matrix/links/protocol.js").Signal} Signal */
/** @typedef {(event: RemoteEvent) => void} Emit */

/**
 * @param {typeof RTCPeerConnection} PeerConnection
 * @param {Emit} emit
 * @returns {(command: Command) => Promise<unknown>}
 */
export function w3cRemote(PeerConnection, emit) {
  /** @type {Map<number, Peer>} */
  const peers = new Map();
  return async (command) => {
    if (command.do === "open") {
      peers.set(command.peer, new Peer(PeerConnection, command.peer, emit));
      return undefined;
    }
    const peer = peers.get(command.peer);
    if (peer === undefined) throw new Error(`there is no peer ${command.peer}`);
    return peer.run(command);
  };
}

class Peer {
  /** @type {Promise<unknown>} */
  #signals = Promise.resolve();
  /** @type {RTCIceCandidateInit[]} */
  #early = [];
  /** @type {Map<number, RTCDataChannel>} */
  #channels = new Map();
  #emit;
  #connection;

  /**
   * @param {typeof RTCPeerConnection} PeerConnection
   * @param {number} peer
   * @param {Emit} emit
   */
  constructor(PeerConnection, peer, emit) {
    const connection = new PeerConnection({ iceServers: [] });
    this.#connection = connection;
    this.#emit = emit;
    connection.addEventListener("icecandidate", ({ candidate }) => {
      // null ends the candidates; not every implementation has toJSON().
      const { candidate: line = "", sdpMid = "0", sdpMLineIndex = 0 } = candidate ?? {};
      const init = { candidate: line, sdpMid, sdpMLineIndex };
      emit({ peer, event: "signal", signal: { kind: "candidate", candidate: init } });
    });
    connection.addEventListener("connectionstatechange", () => {
      emit({ peer, event: "state", state: connection.connectionState });
    });
    connection.addEventListener("iceconnectionstatechange", () => {
      emit({ peer, event: "state", state: `ice ${connection.iceConnectionState}` });
    });
    connection.addEventListener("datachannel", ({ channel }) => {
      this.#adopt(peer, channel, "remote");
    });
  }

  /** @param {Command} command */
  async run(command) {
    switch (command.do) {
      case "open":
        throw new Error("this peer is open already");
      case "signal":
        this.#signals = this.#signals.then(() => this.#onSignal(command.peer, command.signal));
        return this.#signals;
      case "offer":
        this.#signals = this.#signals.then(() => this.#offer(command.peer, command.iceRestart));
        return this.#signals;
      case "createChannel": {
        const channel = this.#connection.createDataChannel(command.label, command.init);
        return this.#adopt(command.peer, channel, "local");
      }
      case "send":
        for (const message of command.messages) {
          if ("text" in message) this.#channel(command.channel).send(message.text);
          else this.#channel(command.channel).send(fromBase64(message.base64));
        }
        return undefined;
      case "closeChannel":
        return this.#channel(command.channel).close();
      case "close":
        return this.#connection.close();
    }
  }

  /** @param {number} key */
  #channel(key) {
    const channel = this.#channels.get(key);
    if (channel === undefined) throw new Error(`there is no channel ${key}`);
    return channel;
  }

  /**
   * @param {number} peer
   * @param {Signal} signal
   */
  async #onSignal(peer, signal) {
    const connection = this.#connection;
    try {
      if (signal.kind === "candidate") {
        // Some implementations throw for a candidate that comes before its description.
        if (connection.remoteDescription === null) this.#early.push(signal.candidate);
        else await this.#addCandidate(signal.candidate);
        return;
      }
      await connection.setRemoteDescription(signal.description);
      for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
      if (signal.description.type !== "offer") return;
      await connection.setLocalDescription(await connection.createAnswer());
      this.#sendDescription(peer);
    } catch (error) {
      this.#emit({ peer, event: "fault", message: String(error) });
    }
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #addCandidate(candidate) {
    // The end of candidates: @roamhq/wrtc does not know it, and nobody needs it.
    if (candidate.candidate !== "") await this.#connection.addIceCandidate(candidate);
  }

  /**
   * @param {number} peer
   * @param {boolean} iceRestart
   */
  async #offer(peer, iceRestart) {
    const connection = this.#connection;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
    this.#sendDescription(peer);
  }

  /** @param {number} peer */
  #sendDescription(peer) {
    const { localDescription } = this.#connection;
    if (localDescription === null) throw new Error("there is no local description");
    const { type, sdp } = localDescription;
    this.#emit({
      peer,
      event: "signal",
      signal: { kind: "description", description: { type, sdp } },
    });
  }

  /**
   * @param {number} peer
   * @param {RTCDataChannel} channel
   * @param {"local" | "remote"} by
   */
  #adopt(peer, channel, by) {
    const key = this.#channels.size;
    this.#channels.set(key, channel);
    channel.binaryType = "arraybuffer";
    const opened = () => {
      const { label, protocol, ordered, negotiated, id } = channel;
      const maxRetransmits = orNull(channel.maxRetransmits);
      const maxPacketLifeTime = orNull(channel.maxPacketLifeTime);
      const shown = { label, protocol, ordered, maxRetransmits, maxPacketLifeTime, negotiated, id };
      this.#emit({ peer, event: "channel", channel: key, by, shown });
    };
    if (channel.readyState === "open") opened();
    else channel.addEventListener("open", opened);
    channel.addEventListener("close", () => {
      this.#emit({ peer, event: "closed", channel: key });
    });
    channel.addEventListener("message", (/** @type {MessageEvent<string | ArrayBuffer>} */ e) => {
      const message =
        typeof e.data === "string"
          ? { text: e.data }
          : { base64: toBase64(new Uint8Array(e.data)) };
      this.#emit({ peer, event: "message", channel: key, message });
    });
    return key;
  }
}

/**
 * @roamhq/wrtc shows 65,535 where there is no limit, as drafts of the W3C had it.
 * @param {number | null} limit
 */
function orNull(limit) {
  return limit === 65_535 ? null : limit;
}

/**
 * @param {string} base64
 * @returns {Uint8Array<ArrayBuffer>}
 */
function fromBase64(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let text = "";
  // In pieces: the arguments of one call are limited.
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return btoa(text);
}
