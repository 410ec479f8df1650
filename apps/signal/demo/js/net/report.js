import { StatsReader } from "./stats.js";

/**
 * @typedef {import("./call.js").EndReason} EndReason
 *
 * @typedef {object} CallReport how a call came out (docs/protocol.md, "Reports")
 * @property {"direct" | "relayed" | "failed"} outcome
 * @property {string} [reason] of a call that failed
 */

/** Time in which the best of several paths is chosen. */
const settleMs = 1_000;

/** @type {Partial<Record<EndReason, string>>} */
const reasons = {
  left: "peer_gone",
  gone: "peer_gone",
  declined: "refused",
  "no-answer": "timeout",
  lost: "other",
};

/** Tells once how a call that this page made came out. */
export class Reporter {
  #stats;
  #tell;
  #hadPath = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {"direct" | "relayed" | undefined} */
  #path;

  /**
   * @param {RTCPeerConnection} connection
   * @param {(report: CallReport) => void} tell
   */
  constructor(connection, tell) {
    this.#stats = new StatsReader(connection);
    this.#tell = once(tell);
    connection.addEventListener("iceconnectionstatechange", () => {
      if (/^(connected|completed)$/.test(connection.iceConnectionState)) this.#hadPath = true;
    });
  }

  async connected() {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#read().then(() => this.#tellPath()), settleMs);
    await this.#read();
  }

  /**
   * The call is over, before or after it stood. One that this side gave up has not come out in any way.
   * @param {EndReason} reason
   */
  ended(reason) {
    clearTimeout(this.#timer);
    if (this.#timer !== undefined) this.#tellPath();
    else if (reason === "no-path") {
      this.#tell({ outcome: "failed", reason: this.#hadPath ? "dtls" : "no_candidate_pair" });
    } else if (reason !== "stopped") {
      this.#tell({ outcome: "failed", reason: reasons[reason] ?? "other" });
    }
  }

  async #read() {
    const { path } = (await this.#stats.read()).path;
    if (path !== undefined) this.#path = path === "relay" ? "relayed" : "direct";
  }

  #tellPath() {
    if (this.#path !== undefined) this.#tell({ outcome: this.#path });
  }
}

/**
 * @param {(report: CallReport) => void} tell
 * @returns {(report: CallReport) => void}
 */
function once(tell) {
  let told = false;
  return (report) => {
    if (!told) tell(report);
    told = true;
  };
}
