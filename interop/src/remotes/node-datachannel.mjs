// libdatachannel, by the native interface of node-datachannel: its W3C polyfill has faults of its own.
import { PeerConnection } from "node-datachannel";
import { emit, serve } from "./serve.mjs";

/** @typedef {import("../matrix/links/protocol.js").Command} Command */
/** @typedef {import("../matrix/links/protocol.js").Signal} Signal */
/** @typedef {import("node-datachannel").DataChannel} DataChannel */

class Peer {
  /** @type {Map<number, DataChannel>} */
  #channels = new Map();
  /** @type {{ candidate: string, mid: string }[]} */
  #early = [];
  #connection;

  /** @param {number} peer */
  constructor(peer) {
    const connection = new PeerConnection(`peer ${peer}`, {
      iceServers: [],
      disableAutoNegotiation: true,
      maxMessageSize: 262_144,
    });
    this.#connection = connection;
    connection.onLocalDescription((sdp, type) => {
      if (type === "offer" || type === "answer") {
        const signal = /** @type {const} */ ({ kind: "description", description: { type, sdp } });
        emit({ peer, event: "signal", signal });
      }
    });
    connection.onLocalCandidate((line, sdpMid) => {
      const candidate = { candidate: line.replace(/^a=/, ""), sdpMid };
      emit({ peer, event: "signal", signal: { kind: "candidate", candidate } });
    });
    connection.onStateChange((state) => emit({ peer, event: "state", state }));
    connection.onDataChannel((channel) => this.#adopt(peer, channel, "remote"));
  }

  /** @param {Command} command */
  run(command) {
    switch (command.do) {
      case "open":
        throw new Error("this peer is open already");
      case "signal":
        return this.#onSignal(command.peer, command.signal);
      case "offer":
        // Asked for new ICE credentials, the library aborts the whole process.
        if (command.iceRestart) throw new Error("libdatachannel has no ICE restart");
        return this.#connection.setLocalDescription("offer");
      case "createChannel": {
        const { ordered = true, ...init } = command.init;
        const channel = this.#connection.createDataChannel(command.label, {
          ...init,
          unordered: !ordered,
        });
        return this.#adopt(command.peer, channel, "local");
      }
      case "send":
        for (const message of command.messages) {
          const channel = this.#channel(command.channel);
          if ("text" in message) channel.sendMessage(message.text);
          else channel.sendMessageBinary(Buffer.from(message.base64, "base64"));
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
  #onSignal(peer, signal) {
    const connection = this.#connection;
    try {
      if (signal.kind === "candidate") {
        const { candidate, sdpMid } = signal.candidate;
        if (candidate === "") return;
        this.#early.push({ candidate, mid: sdpMid ?? "0" });
      } else {
        connection.setRemoteDescription(signal.description.sdp, signal.description.type);
        if (signal.description.type === "offer") connection.setLocalDescription("answer");
      }
      // It throws for a candidate that comes before its description.
      if (connection.remoteDescription() === null) return;
      for (const { candidate, mid } of this.#early.splice(0)) {
        connection.addRemoteCandidate(candidate, mid);
      }
    } catch (error) {
      emit({ peer, event: "fault", message: String(error) });
    }
  }

  /**
   * @param {number} peer
   * @param {DataChannel} channel
   * @param {"local" | "remote"} by
   */
  #adopt(peer, channel, by) {
    const key = this.#channels.size;
    this.#channels.set(key, channel);
    let isReported = false;
    const opened = () => {
      if (isReported) return;
      isReported = true;
      const shown = {
        label: channel.getLabel(),
        protocol: channel.getProtocol(),
        id: channel.getId(),
      };
      emit({ peer, event: "channel", channel: key, by, shown });
    };
    channel.onOpen(opened);
    channel.onClosed(() => emit({ peer, event: "closed", channel: key }));
    channel.onMessage((data) => {
      opened();
      const message =
        typeof data === "string"
          ? { text: data }
          : { base64: Buffer.from(/** @type {ArrayBuffer} */ (data)).toString("base64") };
      emit({ peer, event: "message", channel: key, message });
    });
    if (channel.isOpen()) opened();
    return key;
  }
}

/** @type {Map<number, Peer>} */
const peers = new Map();

serve(async (command) => {
  if (command.do === "open") {
    peers.set(command.peer, new Peer(command.peer));
    return undefined;
  }
  const peer = peers.get(command.peer);
  if (peer === undefined) throw new Error(`there is no peer ${command.peer}`);
  return peer.run(command);
});
