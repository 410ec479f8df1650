import { button, byId, make, setText } from "./dom.js";
import { Sound } from "./sound.js";
import { Tile } from "./tile.js";

/**
 * @typedef {import("../net/stats.js").CallStats} CallStats
 * @typedef {import("../net/stats.js").TrackStats} TrackStats
 */

const paths = { direct: "direct", nat: "through NAT", relay: "through a TURN server" };

/** What is heard and seen: of the peer, and of oneself. */
export class Stage {
  /** @type {Map<string, Tile>} by track */
  #tiles = new Map();
  /** @type {Map<string, Sound>} by track */
  #sounds = new Map();
  #unheard = byId("unheard", HTMLElement);

  constructor() {
    button("unmute-page").addEventListener("click", () => {
      this.#unheard.hidden = true;
      for (const sound of this.#sounds.values()) sound.play();
    });
  }

  /**
   * @param {string} title
   * @param {string} hint
   */
  describe(title, hint) {
    setText(byId("stage-title", HTMLElement), title);
    setText(byId("stage-hint", HTMLElement), hint);
  }

  /** @param {string} text */
  setState(text) {
    setText(byId("call-state", HTMLElement), text);
  }

  focus() {
    byId("stage-title", HTMLElement).focus();
  }

  /**
   * Shows these tracks, and no others.
   * @param {string} peer
   * @param {readonly MediaStreamTrack[]} remote
   * @param {readonly MediaStreamTrack[]} own
   */
  show(peer, remote, own) {
    const owned = own.filter(({ kind }) => kind === "video");
    const wanted = new Set([...remote, ...own].map(({ id }) => id));
    for (const map of [this.#tiles, this.#sounds]) {
      for (const [id, part] of map) {
        if (wanted.has(id)) continue;
        part.remove();
        map.delete(id);
      }
    }
    for (const track of remote) {
      if (track.kind === "video") this.#tile(track, peer, false);
      else this.#sound(track, peer, false);
    }
    for (const track of owned) this.#tile(track, "You", true);
    for (const track of own) if (track.kind === "audio") this.#sound(track, "You", true);
    if (![...this.#sounds.values()].some((sound) => !sound.isOwn)) this.#unheard.hidden = true;
    byId("tiles", HTMLElement).dataset["remote"] = String(this.#tiles.size - owned.length);
  }

  /**
   * @param {CallStats} stats
   * @param {number} seconds that the call has lasted
   */
  update({ tracks, path }, seconds) {
    for (const track of tracks) {
      this.#tiles.get(track.track)?.update(track);
      this.#sounds.get(track.track)?.update(track);
    }
    const sent = tracks.filter(({ direction }) => direction === "out");
    const kilobits = sent.reduce((sum, track) => sum + track.kilobits, 0);
    this.#facts({
      Time: timeText(seconds),
      Path: path.path === undefined ? "" : paths[path.path],
      "Round trip": path.roundTripMs === undefined ? "" : `${Math.round(path.roundTripMs)} ms`,
      Sending: sent.length === 0 ? "" : `${Math.round(kilobits)} kb/s`,
    });
  }

  /** @param {readonly TrackStats[]} tracks */
  updateLevels(tracks) {
    for (const { track, level, direction } of tracks) {
      if (direction === "in") this.#sounds.get(track)?.setLevel(level);
    }
  }

  clearFacts() {
    this.#facts({});
    for (const part of [...this.#tiles.values(), ...this.#sounds.values()]) part.clear();
  }

  /** @param {Record<string, string>} facts those with no text are left out */
  #facts(facts) {
    const known = Object.entries(facts).filter(([, text]) => text !== "");
    const list = byId("facts", HTMLElement);
    list.hidden = known.length === 0;
    list.replaceChildren(
      ...known.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))),
    );
  }

  /**
   * @param {MediaStreamTrack} track
   * @param {string} name
   * @param {boolean} isOwn
   */
  #tile(track, name, isOwn) {
    if (this.#tiles.has(track.id)) return;
    const tile = new Tile(track, name, isOwn);
    this.#tiles.set(track.id, tile);
    byId("tiles", HTMLElement).append(tile.element);
  }

  /**
   * @param {MediaStreamTrack} track
   * @param {string} name
   * @param {boolean} isOwn
   */
  #sound(track, name, isOwn) {
    if (this.#sounds.has(track.id)) return;
    const sound = new Sound(track, name, isOwn, () => {
      this.#unheard.hidden = false;
    });
    this.#sounds.set(track.id, sound);
    byId("sounds", HTMLElement).append(sound.element);
  }
}

/** @param {number} seconds */
function timeText(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [first = 0, ...rest] = parts[0] === 0 ? parts.slice(1) : parts;
  return [first, ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}
