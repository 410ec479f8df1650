import { numberOf, objectOf, parseObject, stringOf } from "../json.js";
import { refreshPauseMs } from "./turn.js";

/**
 * The connection to the signaling server, subprotocol conic.v1: registers, sends and takes signals, and comes back
 * under the same id when it was lost.
 *
 * @typedef {"connecting" | "registered" | "reconnecting" | "ended"} ServerState
 *
 * @typedef {object} ServerError
 * @property {string} code of Conic's table, such as `id_taken`
 * @property {string} message
 * @property {string | undefined} [peer] whom the message that failed was for
 *
 * @typedef {{ readonly kind: "description", readonly description: RTCSessionDescriptionInit }
 *   | { readonly kind: "candidate", readonly candidate: RTCIceCandidateInit }} Signal
 *
 * @typedef {object} SignalingEvents
 * @property {(state: ServerState) => void} state
 * @property {() => void} servers the STUN and TURN servers are others now
 * @property {(from: string, signal: Signal) => void} signal
 * @property {(error: ServerError) => void} error a message could not be delivered, or the id not be had
 *
 * The document in `raw`.
 * @typedef {Readonly<Record<string, unknown>>} Body
 *
 * @typedef {object} Identity
 * @property {string | undefined} id none: the server makes one
 * @property {string | undefined} resume the secret that takes an id over from the connection that still holds it
 * @property {string | undefined} token for a server that asks for one
 */

/** The grammar of ids, as the server has it. */
export const idPattern = /^[A-Za-z0-9._~@:-]{1,64}$/;

const registerTimeoutMs = 10_000;
const minDelayMs = 500;
const maxDelayMs = 10_000;
const maxLeaveAloneMs = 600_000;
/** Signals that wait for the server to come back. A call takes about fifteen. */
const maxQueued = 256;
/** Errors that another try does not change. */
const final = new Set([
  "invalid_id",
  "unauthorized",
  // A token for another id.
  "forbidden",
  "kicked",
  "idle_timeout",
  "invalid_message",
  "unsupported_type",
]);
/** Correlation id of a `register` of a page that is registered: for another token, or new TURN credentials. */
const renewal = "renew";
/** Correlation id of reports: how they are taken is no news for anybody. */
const reporting = "report";
/** Why the server does not want a client back, by close code. */
const reasons = new Map([
  [4500, "replaced"],
  [4501, "unauthorized"],
  [4502, "kicked"],
  [4503, "idle_timeout"],
]);

export class Signaling {
  #url;
  #events;
  /** @type {Identity} */
  #identity;
  /** @type {RTCIceServer[]} */
  #iceServers = [];
  /** @type {ServerState} */
  #state = "connecting";
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {string[]} */
  #queue = [];
  #wasRegistered = false;
  #takesReports = false;
  #delayMs = minDelayMs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #refreshTimer;
  /** The last words of the server about the token. */
  #reason = "";
  #retryNow = () => {
    if (this.#state === "reconnecting" && this.#socket === undefined) this.#connect();
  };

  /**
   * Constructed means running.
   * @param {string} url
   * @param {Identity} identity
   * @param {SignalingEvents} events
   */
  constructor(url, identity, events) {
    this.#url = url;
    this.#identity = identity;
    this.#events = events;
    globalThis.addEventListener("online", this.#retryNow);
    this.#connect();
  }

  get state() {
    return this.#state;
  }

  get id() {
    return this.#identity.id;
  }

  get identity() {
    return this.#identity;
  }

  /** STUN and TURN servers that the server told. */
  get iceServers() {
    return this.#iceServers;
  }

  /**
   * @param {string} to
   * @param {Signal} signal
   */
  send(to, signal) {
    const ids = { ID: this.id, TargetID: to };
    const text =
      signal.kind === "description"
        ? frame("sdp", { ...ids, SessionDescription: signal.description })
        : frame("candidate", { ...ids, Candidate: candidateText(signal.candidate) });
    if (this.#state === "registered") this.#socket?.send(text);
    else if (this.#queue.length < maxQueued) this.#queue.push(text);
  }

  /**
   * Tells how a call came out, if the server wants to know and is there.
   * @param {import("./report.js").CallReport} report
   */
  report({ outcome, reason }) {
    if (!this.#takesReports || this.#state !== "registered") return;
    this.#socket?.send(frame("report", { Outcome: outcome, Reason: reason }, reporting));
  }

  /**
   * Goes on with another token, on the connection that there is or on the next one.
   * @param {string} token
   * @returns {boolean} false when it has ended
   */
  useToken(token) {
    this.#identity = { ...this.#identity, token };
    if (this.#state === "registered") this.#renew();
    return this.#state !== "ended";
  }

  /** Ends it for good, and gives the id back. */
  close() {
    this.#end();
  }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url, "conic.v1");
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(socket), registerTimeoutMs);
    socket.addEventListener("open", () => {
      const { id, resume, token } = this.#identity;
      socket.send(frame("register", { ID: id, Resume: resume, Token: token }));
    });
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket && typeof data === "string") this.#onFrame(data);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.#socket !== socket) return;
      // 4500 to 4999: the server does not want this client back.
      if (code < 4500) return this.#lost(socket);
      this.#end();
      const message = code === 4501 && this.#reason !== "" ? this.#reason : reason;
      this.#events.error({ code: reasons.get(code) ?? "closed", message });
    });
  }

  /**
   * @param {WebSocket} socket
   * @param {number} [leaveAloneMs] for which the server wants to be left alone
   */
  #lost(socket, leaveAloneMs = 0) {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    socket.close();
    clearTimeout(this.#timer);
    clearTimeout(this.#refreshTimer);
    this.#setState("reconnecting");
    const pauseMs = this.#delayMs * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(this.#retryNow, pauseMs + Math.min(maxLeaveAloneMs, leaveAloneMs));
    this.#delayMs = Math.min(maxDelayMs, this.#delayMs * 2);
  }

  #end() {
    clearTimeout(this.#timer);
    clearTimeout(this.#refreshTimer);
    globalThis.removeEventListener("online", this.#retryNow);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    this.#setState("ended");
  }

  /** @param {string} text */
  #onFrame(text) {
    const { type, id, body } = parseFrame(text);
    switch (type) {
      case "register_response":
        this.#onRegistered(body);
        return;
      case "error":
        this.#onError(
          {
            code: stringOf(body["Code"]) ?? "internal",
            message: stringOf(body["Message"]) ?? "",
            peer: stringOf(body["TargetID"]),
          },
          id,
          numberOf(body["RetryAfterMs"]),
        );
        return;
      case "sdp":
      case "candidate": {
        const signal = type === "sdp" ? readDescription(body) : readCandidate(body);
        const from = stringOf(body["ID"]);
        if (signal !== undefined && from !== undefined) this.#events.signal(from, signal);
        return;
      }
      default:
        return;
    }
  }

  /** @param {Body} body */
  #onRegistered(body) {
    clearTimeout(this.#timer);
    this.#delayMs = minDelayMs;
    this.#wasRegistered = true;
    const { token } = this.#identity;
    this.#identity = { id: stringOf(body["ID"]), resume: stringOf(body["Resume"]), token };
    this.#takesReports = body["Reports"] === true;
    const servers = body["ICEServers"];
    this.#iceServers = Array.isArray(servers) ? /** @type {RTCIceServer[]} */ (servers) : [];
    const pauseMs = refreshPauseMs(this.#iceServers, Date.now());
    clearTimeout(this.#refreshTimer);
    if (pauseMs !== undefined) this.#refreshTimer = setTimeout(() => this.#renew(), pauseMs);
    this.#setState("registered");
    this.#events.servers();
    for (const text of this.#queue.splice(0)) this.#socket?.send(text);
  }

  /** One more registration brings new TURN credentials, and shows another token (docs/protocol.md, "Tokens"). */
  #renew() {
    const { token } = this.#identity;
    this.#socket?.send(frame("register", { Token: token }, renewal));
  }

  /**
   * @param {ServerError} error
   * @param {string | undefined} id of the message that it answers
   * @param {number} retryAfterMs
   */
  #onError(error, id, retryAfterMs) {
    if (id === reporting) return;
    if (error.code === "unauthorized") this.#reason = error.message;
    if (this.#state === "registered") {
      // The close code tells who is not wanted any more; and a server that renews nothing has said all there is.
      const isKnown = id === renewal && error.code === "already_registered";
      if (error.code !== "unauthorized" && !isKnown) this.#events.error(error);
      return;
    }
    // An id that was ours is free again in a moment: the server has not missed the old connection yet.
    const hopeless = error.code === "id_taken" ? !this.#wasRegistered : final.has(error.code);
    if (hopeless) {
      this.#end();
      this.#events.error(error);
    } else if (this.#socket !== undefined) {
      this.#lost(this.#socket, error.code === "rate_limited" ? retryAfterMs : 0);
    }
  }

  /** @param {ServerState} state */
  #setState(state) {
    if (this.#state === state || this.#state === "ended") return;
    this.#state = state;
    this.#events.state(state);
  }
}

/**
 * @param {string} type
 * @param {object} body
 * @param {string} [id] for correlation
 */
function frame(type, body, id = type) {
  return JSON.stringify({ type, raw: JSON.stringify(body), id });
}

/**
 * What cannot be read is no message of the server: it has no type.
 * @param {string} text
 * @returns {{ type: string, id: string | undefined, body: Body }}
 */
function parseFrame(text) {
  const { type, id, raw } = parseObject(text);
  const body = parseObject(stringOf(raw) ?? "{}");
  return { type: stringOf(type) ?? "", id: stringOf(id), body };
}

/** @param {RTCIceCandidateInit} candidate */
function candidateText({ candidate, sdpMid, sdpMLineIndex, usernameFragment }) {
  return JSON.stringify({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
}

/**
 * @param {Body} body
 * @returns {Signal | undefined}
 */
function readDescription(body) {
  const { type, sdp } = objectOf(body["SessionDescription"]);
  if (typeof sdp !== "string") return undefined;
  if (type !== "offer" && type !== "answer" && type !== "rollback") return undefined;
  return { kind: "description", description: { type, sdp } };
}

/**
 * JSON of an RTCIceCandidateInit; a bare line, and the empty string that ends the candidates, are allowed, too.
 * @param {Body} body
 * @returns {Signal | undefined}
 */
function readCandidate({ Candidate: text }) {
  if (typeof text !== "string") return undefined;
  /** @type {RTCIceCandidateInit} */
  const candidate = text.startsWith("{")
    ? parseObject(text)
    : { candidate: text, sdpMLineIndex: 0 };
  return { kind: "candidate", candidate };
}
