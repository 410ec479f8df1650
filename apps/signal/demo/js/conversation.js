import { Call } from "./net/call.js";
import { Channels, chatLabel } from "./net/channels.js";
import { Reporter } from "./net/report.js";
import { StatsReader } from "./net/stats.js";

/**
 * @typedef {import("./net/call.js").CallState} CallState
 * @typedef {import("./net/call.js").EndReason} EndReason
 * @typedef {import("./net/signaling.js").Signal} Signal
 * @typedef {import("./media/local.js").LocalMedia} LocalMedia
 *
 * @typedef {object} Views
 * @property {import("./ui/stage.js").Stage} stage
 * @property {import("./ui/chat.js").ChatView} chat
 * @property {import("./ui/notices.js").Notices} notices
 *
 * @typedef {object} ConversationOptions
 * @property {string} me
 * @property {string} peer
 * @property {RTCIceServer[]} iceServers
 * @property {LocalMedia} media
 * @property {Views} views
 * @property {(to: string, signal: Signal) => void} send
 * @property {(state: CallState) => void} state
 * @property {(report: import("./net/report.js").CallReport) => void} report of a call that this page made
 * @property {(reason: EndReason) => void} ended
 */

const levelMs = 200;
/** The figures change once a second: faster, nobody can read them. */
const ticksPerFigures = 5;
/** What every WebRTC stack takes; used until the remote has told its own limit. */
const safeMessageBytes = 65_536;

/** @type {Record<CallState, string>} */
const stateTexts = {
  calling: "Calling…",
  connecting: "Connecting…",
  connected: "Connected",
  interrupted: "Interrupted: looking for a way back…",
  ended: "",
};

/** A call with all that belongs to it on the page. */
export class Conversation {
  #options;
  #call;
  #channels;
  /** @type {Reporter | undefined} */
  #reporter;
  #ticks = 0;
  #since = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {ConversationOptions} options */
  constructor(options) {
    const { me, peer, iceServers, views, send } = options;
    this.#options = options;
    this.#channels = new Channels({
      message: (text, label) => views.chat.add(peer, text, "theirs", label),
      news: (text) => views.chat.add(peer, text, "news"),
      usable: (usable) => views.chat.enable(usable),
      alone: () => this.#call.open(chatLabel),
    });
    this.#call = new Call({
      me,
      peer,
      iceServers,
      events: {
        send,
        state: (state) => this.#onState(state),
        channel: (channel) => this.#channels.add(channel),
        tracks: () => this.showTracks(),
        ended: (reason) => this.#onEnded(reason),
        fault: (message) => views.notices.error(message),
      },
    });
    views.chat.clear();
    views.chat.enable(false);
    views.stage.setState(stateTexts.calling);
    this.showTracks();
  }

  get peer() {
    return this.#options.peer;
  }

  get call() {
    return this.#call;
  }

  /**
   * As the one who calls, or as the one who was called.
   * @param {readonly Signal[]} signals what the caller has sent so far
   */
  start(signals = []) {
    const { stream } = this.#options.media;
    if (signals.length === 0) {
      this.#reporter = new Reporter(this.#call.connection, this.#options.report);
      this.#call.open(chatLabel);
    }
    for (const track of stream.getTracks()) {
      void this.sendTrack(track.kind === "audio" ? "audio" : "video", track);
    }
    for (const signal of signals) this.#call.receive(signal);
  }

  /** Another one with the same peer takes its place. */
  discard() {
    clearInterval(this.#timer);
    this.#call.discard();
  }

  /**
   * @param {"audio" | "video"} kind
   * @param {MediaStreamTrack | undefined} track
   */
  async sendTrack(kind, track) {
    try {
      await this.#call.setTrack(kind, track, this.#options.media.stream);
    } catch (error) {
      this.#options.views.notices.error(`The ${kind} cannot be sent: ${String(error)}`);
    }
    this.showTracks();
  }

  /**
   * @param {string} text
   * @returns {boolean} false when it was not sent
   */
  say(text) {
    const { chat, notices } = this.#options.views;
    const limit = this.#call.connection.sctp?.maxMessageSize ?? safeMessageBytes;
    const problem = this.#channels.send(text, limit);
    if (problem === undefined) chat.add("You", text, "mine");
    else notices.error(problem);
    return problem === undefined;
  }

  showTracks() {
    if (this.#call.state === "ended") return;
    const { views, media, peer } = this.#options;
    const remote = this.#call.remoteTracks;
    views.stage.show(peer, remote, media.stream.getTracks());
    const silent = remote.length === 0 && this.#call.state === "connected";
    views.stage.describe(`Call with ${peer}`, silent ? `${peer} sends no sound or picture.` : "");
  }

  /** @param {CallState} state */
  #onState(state) {
    this.#options.views.stage.setState(stateTexts[state]);
    if (state === "connected") {
      void this.#reporter?.connected();
      this.#watch();
      this.showTracks();
    }
    this.#options.state(state);
  }

  /** @param {EndReason} reason */
  #onEnded(reason) {
    clearInterval(this.#timer);
    this.#reporter?.ended(reason);
    this.#options.views.stage.clearFacts();
    this.#options.ended(reason);
  }

  #watch() {
    if (this.#timer !== undefined) return;
    const { stage } = this.#options.views;
    this.#since = performance.now();
    const levels = new StatsReader(this.#call.connection);
    const figures = new StatsReader(this.#call.connection);
    this.#timer = setInterval(() => {
      this.#ticks += 1;
      void levels.read().then(({ tracks }) => stage.updateLevels(tracks));
      if (this.#ticks % ticksPerFigures === 1) {
        void figures.read().then((stats) => {
          const seconds = (performance.now() - this.#since) / 1000;
          if (this.#call.state !== "ended") stage.update(stats, seconds);
        });
      }
    }, levelMs);
  }
}
