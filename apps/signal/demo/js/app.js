import { Conversation } from "./conversation.js";
import { LocalMedia } from "./media/local.js";
import { Signaling, idPattern } from "./net/signaling.js";
import {
  keepIdentity,
  keepToken,
  rememberPeer,
  takeIdentity,
  takeTokenOfAddress,
} from "./storage.js";
import { endTexts, serverErrorText } from "./texts.js";
import { ChatView } from "./ui/chat.js";
import { Controls } from "./ui/controls.js";
import { button } from "./ui/dom.js";
import { Lobby } from "./ui/lobby.js";
import { Notices } from "./ui/notices.js";
import { Ringing } from "./ui/ringing.js";
import { Stage } from "./ui/stage.js";

/**
 * @typedef {import("./net/signaling.js").Identity} Identity
 * @typedef {import("./net/signaling.js").ServerError} ServerError
 * @typedef {import("./net/signaling.js").Signal} Signal
 * @typedef {import("./net/call.js").EndReason} EndReason
 *
 * A call that nobody has answered yet, and what its caller has sent so far.
 * @typedef {{ peer: string, signals: Signal[], timer: ReturnType<typeof setTimeout> }} Ring
 */

const ringTimeoutMs = 60_000;
/** Signals of one call before it is answered: an offer and its candidates. More is an attack. */
const maxRingSignals = 256;

const refusal = /** @type {const} */ ({
  kind: "description",
  description: { type: "rollback", sdp: "" },
});

/** The page: one registration, at most one call, and at most one that rings. */
export class App {
  #url;
  #notices = new Notices();
  #stage = new Stage();
  #chat = new ChatView((text) => this.#conversation?.say(text) ?? false);
  #ringing = new Ringing({ accept: () => this.#accept(), decline: () => this.#decline() });
  #lobby = new Lobby({
    call: (peer) => this.#dial(peer),
    rename: (id) => this.#rename(id),
    token: (token) => this.#useToken(token),
    copied: (text) => this.#notices.info(text),
  });
  #media = new LocalMedia({
    track: (kind, track) => void this.#conversation?.sendTrack(kind, track),
    changed: () => this.#showMedia(),
    problem: (message) => this.#notices.error(message),
  });
  #controls = new Controls(this.#media);
  /** @type {Signaling} */
  #signaling;
  /** Registers another id, while the one before is still held. @type {Signaling | undefined} */
  #next;
  /** @type {Conversation | undefined} */
  #conversation;
  /** @type {Ring | undefined} */
  #ring;

  /**
   * @private
   * @param {string} url
   * @param {URLSearchParams} query
   * @param {string | undefined} token
   */
  constructor(url, query, token) {
    this.#url = url;
    const kept = takeIdentity();
    const id = query.get("id") ?? kept.id;
    const resume = kept.id === id ? kept.resume : undefined;
    this.#signaling = this.#connect({ id, resume, token });
    button("hang-up").addEventListener("click", () => this.#conversation?.call.hangUp());
    this.#showIdle();
    const peer = query.get("peer") ?? "";
    if (idPattern.test(peer)) this.#lobby.fillIn(peer);
    globalThis.addEventListener("hashchange", () => {
      const pasted = takeTokenOfAddress();
      if (pasted !== undefined) this.#useToken(pasted);
    });
    globalThis.addEventListener("pagehide", () => {
      keepIdentity(this.#signaling.identity);
      this.#conversation?.call.hangUp();
    });
  }

  /**
   * @param {string} url of the WebSocket
   * @param {URLSearchParams} query of the page: `id` is the own one, `peer` whom to call
   * @param {string | undefined} token for a server that asks for one
   */
  static start(url, query, token) {
    return new App(url, query, token);
  }

  /** @param {Identity} identity */
  #connect(identity) {
    const signaling = new Signaling(this.#url, identity, {
      state: () => this.#onServer(signaling),
      servers: () => {
        if (signaling !== this.#signaling) return;
        this.#conversation?.call.useServers(signaling.iceServers);
      },
      error: (error) => this.#onServerError(signaling, error),
      signal: (from, signal) => {
        if (signaling === this.#signaling) this.#onSignal(from, signal);
      },
    });
    return signaling;
  }

  /** @param {Signaling} signaling */
  #onServer(signaling) {
    const { state, id } = signaling;
    if (signaling === this.#next && state === "registered") {
      this.#next = undefined;
      this.#signaling.close();
      this.#signaling = signaling;
      const url = new URL(location.href);
      if (url.searchParams.has("id")) url.searchParams.set("id", id ?? "");
      history.replaceState(null, "", url);
      this.#notices.info(`You are ${id ?? ""} now.`);
    }
    if (signaling !== this.#signaling) return;
    this.#lobby.showServer(state, id);
    if (state === "registered") this.#conversation?.call.resend();
  }

  /**
   * @param {Signaling} signaling
   * @param {ServerError} error
   */
  #onServerError(signaling, error) {
    if (signaling === this.#next) this.#next = undefined;
    else if (signaling !== this.#signaling) return;
    if (error.code === "target_not_found") {
      // Each candidate of a call is refused as well; that is no more news.
      if (error.peer === this.#conversation?.peer) this.#conversation?.call.undeliverable();
      if (error.peer === this.#ring?.peer) this.#stopRinging();
      return;
    }
    this.#notices.error(serverErrorText(error, signaling.identity));
    if (signaling.state !== "ended" || error.code === "replaced") return;
    if (error.code === "unauthorized") this.#lobby.askForToken();
    else this.#lobby.askForId();
  }

  /**
   * Goes on with another token, under the same id; a call does not notice.
   * @param {string} token
   */
  #useToken(token) {
    keepToken(token);
    this.#notices.clear();
    if (this.#signaling.useToken(token)) return;
    const { identity } = this.#signaling;
    this.#signaling = this.#connect(identity);
    this.#lobby.showServer(this.#signaling.state, identity.id);
  }

  /** @param {string} id */
  #rename(id) {
    this.#notices.clear();
    this.#next?.close();
    const { token } = this.#signaling.identity;
    this.#next = this.#connect({ id, resume: undefined, token });
  }

  /**
   * @param {string} from
   * @param {Signal} signal
   */
  #onSignal(from, signal) {
    const offer = signal.kind === "description" && signal.description.type === "offer";
    if (this.#conversation?.peer === from) {
      const { call } = this.#conversation;
      if (!offer || !call.isReplacedBy(signal.description)) return call.receive(signal);
      if (!call.established) {
        // Both called, or a handshake that got lost starts over: nobody has to accept that.
        this.#conversation.discard();
        this.#conversation = undefined;
        return this.#begin(from, [signal]);
      }
      call.end("left");
    }
    if (this.#ring?.peer === from) this.#onRingSignal(this.#ring, signal, offer);
    else if (offer && this.#ring === undefined) this.#startRinging(from, signal);
    else if (offer) this.#signaling.send(from, refusal);
  }

  /**
   * @param {Ring} ring
   * @param {Signal} signal
   * @param {boolean} offer a caller that hears nothing starts over
   */
  #onRingSignal(ring, signal, offer) {
    if (signal.kind === "description" && signal.description.type === "rollback") {
      this.#stopRinging();
      this.#notices.info(`${ring.peer} called, and hung up.`);
    } else if (offer) ring.signals = [signal];
    else if (ring.signals.length < maxRingSignals) ring.signals.push(signal);
  }

  /**
   * @param {string} peer
   * @param {Signal} offer
   */
  #startRinging(peer, offer) {
    const timer = setTimeout(() => {
      this.#stopRinging();
      this.#notices.info(`${peer} called.`);
    }, ringTimeoutMs);
    this.#ring = { peer, signals: [offer], timer };
    this.#ringing.show(peer, this.#conversation?.peer);
  }

  /** @returns {Ring | undefined} what rang */
  #stopRinging() {
    const ring = this.#ring;
    clearTimeout(ring?.timer);
    this.#ring = undefined;
    this.#ringing.hide();
    return ring;
  }

  #accept() {
    const ring = this.#stopRinging();
    if (ring !== undefined) this.#begin(ring.peer, ring.signals);
  }

  #decline() {
    const ring = this.#stopRinging();
    if (ring !== undefined) this.#signaling.send(ring.peer, refusal);
  }

  /** @param {string} peer */
  #dial(peer) {
    if (peer === this.#signaling.id) {
      this.#notices.error("That is your own id: give another peer’s.");
    } else if (peer === this.#ring?.peer) this.#accept();
    else this.#begin(peer, []);
  }

  /**
   * @param {string} peer
   * @param {readonly Signal[]} signals
   */
  #begin(peer, signals) {
    this.#conversation?.call.hangUp();
    this.#notices.clear();
    let conversation;
    try {
      conversation = this.#converse(peer);
    } catch (error) {
      // Such as an ICE server that this browser cannot use.
      this.#notices.error(`The call cannot start: ${String(error)}`);
      return;
    }
    this.#conversation = conversation;
    this.#showCall(true);
    this.#stage.focus();
    conversation.start(signals);
  }

  /** @param {string} peer */
  #converse(peer) {
    return new Conversation({
      me: this.#signaling.id ?? "",
      peer,
      iceServers: this.#signaling.iceServers,
      media: this.#media,
      views: { stage: this.#stage, chat: this.#chat, notices: this.#notices },
      send: (to, signal) => this.#signaling.send(to, signal),
      state: (state) => {
        if (state === "connected") rememberPeer(peer);
      },
      report: (report) => this.#signaling.report(report),
      ended: (reason) => this.#onEnded(peer, reason),
    });
  }

  /**
   * @param {string} peer
   * @param {EndReason} reason
   */
  #onEnded(peer, reason) {
    this.#conversation = undefined;
    this.#showIdle();
    const text = endTexts[reason](peer);
    if (["stopped", "left"].includes(reason)) this.#notices.info(text);
    else this.#notices.error(text);
    this.#lobby.focus();
  }

  #showIdle() {
    this.#showCall(false);
    this.#stage.setState("");
    this.#showMedia();
  }

  /** @param {boolean} inCall */
  #showCall(inCall) {
    document.body.classList.toggle("in-call", inCall);
    this.#lobby.showCall(inCall);
    this.#chat.show(inCall);
    button("hang-up").hidden = !inCall;
  }

  #showMedia() {
    this.#controls.update();
    if (this.#conversation !== undefined) return this.#conversation.showTracks();
    const own = this.#media.stream.getTracks();
    this.#stage.show("", [], own);
    const hint =
      own.length === 0
        ? "Turn them on before a call, or during it."
        : "Only you see and hear this. The next call sends it.";
    this.#stage.describe("Camera and microphone", hint);
  }
}
