import { numberOf, stringOf } from "../json.js";

/**
 * What getStats tells, as rates: each reading is compared with the one before.
 *
 * @typedef {object} TrackStats
 * @property {string} track id
 * @property {"in" | "out"} direction
 * @property {number} kilobits a second
 * @property {number} lost packets, since the start
 * @property {number} framesPerSecond
 * @property {number} width
 * @property {number} height
 * @property {number} level of the sound that comes in, root mean square: 0 to 1
 *
 * @typedef {object} PathStats
 * @property {"direct" | "nat" | "relay" | undefined} path
 * @property {number | undefined} roundTripMs
 *
 * @typedef {{ tracks: TrackStats[], path: PathStats }} CallStats
 *
 * Reports of the browser: their members differ by type, and between browsers.
 * @typedef {Readonly<Record<string, unknown>>} Report
 */

/** Reads the statistics of one connection again and again. */
export class StatsReader {
  #connection;
  /** @type {Map<unknown, Report>} */
  #before = new Map();

  /** @param {RTCPeerConnection} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /** @returns {Promise<CallStats>} */
  async read() {
    /** @type {Map<unknown, Report>} */
    const now = new Map();
    const reports = await this.#connection.getStats();
    reports.forEach((/** @type {Report} */ report) => now.set(report["id"], report));
    const before = this.#before;
    this.#before = now;
    /** @type {TrackStats[]} */
    const tracks = [];
    for (const report of now.values()) {
      const old = before.get(report["id"]) ?? {};
      if (report["type"] === "inbound-rtp") tracks.push(inbound(report, old));
      else if (report["type"] === "outbound-rtp" && report["active"] !== false) {
        tracks.push(outbound(report, old, now));
      }
    }
    return { tracks, path: pathOf(now) };
  }
}

/**
 * @param {Report} report
 * @param {Report} old
 * @returns {TrackStats}
 */
function inbound(report, old) {
  return {
    ...pictureOf(report),
    track: stringOf(report["trackIdentifier"]) ?? "",
    direction: "in",
    kilobits: rate(report, old, "bytesReceived"),
    lost: Math.max(0, numberOf(report["packetsLost"])),
    level: levelOf(report, old),
  };
}

/**
 * @param {Report} report
 * @param {Report} old
 * @param {Map<unknown, Report>} all
 * @returns {TrackStats}
 */
function outbound(report, old, all) {
  const source = all.get(report["mediaSourceId"]) ?? {};
  const remote = all.get(report["remoteId"]) ?? {};
  return {
    ...pictureOf(report),
    track: stringOf(source["trackIdentifier"]) ?? "",
    direction: "out",
    kilobits: rate(report, old, "bytesSent"),
    lost: Math.max(0, numberOf(remote["packetsLost"])),
    level: 0,
  };
}

/** @param {Report} report */
function pictureOf(report) {
  return {
    framesPerSecond: numberOf(report["framesPerSecond"]),
    width: numberOf(report["frameWidth"]),
    height: numberOf(report["frameHeight"]),
  };
}

/**
 * Kilobits a second of a counter of bytes; bits a millisecond are the same.
 * @param {Report} report
 * @param {Report} old
 * @param {string} name
 */
function rate(report, old, name) {
  const ms = numberOf(report["timestamp"]) - numberOf(old["timestamp"]);
  if (old["timestamp"] === undefined || ms <= 0) return 0;
  return Math.max(0, (numberOf(report[name]) - numberOf(old[name])) * 8) / ms;
}

/**
 * W3C webrtc-stats, totalAudioEnergy: the root mean square between two readings.
 * @param {Report} report
 * @param {Report} old
 */
function levelOf(report, old) {
  const energy = numberOf(report["totalAudioEnergy"]) - numberOf(old["totalAudioEnergy"]);
  const seconds = numberOf(report["totalSamplesDuration"]) - numberOf(old["totalSamplesDuration"]);
  return seconds > 0 && energy > 0 ? Math.min(1, Math.sqrt(energy / seconds)) : 0;
}

/**
 * @param {Map<unknown, Report>} all
 * @returns {PathStats}
 */
function pathOf(all) {
  const reports = [...all.values()];
  const transport = reports.find((report) => report["type"] === "transport");
  // Firefox has no report of the transport, but marks the pair.
  const pair =
    all.get(transport?.["selectedCandidatePairId"]) ??
    reports.find((report) => report["type"] === "candidate-pair" && report["selected"] === true);
  if (pair === undefined) return { path: undefined, roundTripMs: undefined };
  const ends = [pair["localCandidateId"], pair["remoteCandidateId"]];
  const types = ends.map((id) => all.get(id)?.["candidateType"]);
  const direct = types.every((type) => type === "host");
  const seconds = pair["currentRoundTripTime"];
  return {
    path: types.includes("relay") ? "relay" : direct ? "direct" : "nat",
    roundTripMs: typeof seconds === "number" ? seconds * 1000 : undefined,
  };
}
