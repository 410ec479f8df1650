import { MicrophoneLevel } from "../media/level.js";
import { make, setText } from "./dom.js";

/** @typedef {import("../net/stats.js").TrackStats} TrackStats */

/** The quietest that the meter shows. */
const minDecibels = -60;
const meterMs = 100;

/** One sound: a level meter, and for a remote one its loudspeaker. */
export class Sound {
  element;
  isOwn;
  #blocked;
  /** @type {HTMLAudioElement | undefined} */
  #audio;
  #bar = make("span", { class: "bar" });
  #meter;
  #stats = make("span", { class: "stats" });
  /** @type {MicrophoneLevel | undefined} */
  #level;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {MediaStreamTrack} track
   * @param {string} name
   * @param {boolean} isOwn
   * @param {() => void} blocked the browser wants a click before it plays
   */
  constructor(track, name, isOwn, blocked) {
    this.isOwn = isOwn;
    this.#blocked = blocked;
    const label = isOwn ? "Level of your microphone" : `Level of ${name}`;
    this.#meter = make(
      "span",
      {
        class: "meter",
        role: "meter",
        "aria-label": label,
        "aria-valuemin": "0",
        "aria-valuemax": "100",
        "aria-valuenow": "0",
      },
      this.#bar,
    );
    const names = make("span", { class: "name" }, name);
    this.element = make("li", isOwn ? { class: "own" } : {}, names, this.#meter, this.#stats);
    if (isOwn) {
      const level = new MicrophoneLevel(track);
      this.#level = level;
      this.#timer = setInterval(() => this.setLevel(level.read()), meterMs);
      return;
    }
    this.#audio = make("audio");
    this.#audio.srcObject = new MediaStream([track]);
    this.element.append(this.#audio);
    this.play();
  }

  play() {
    this.#audio?.play().catch((/** @type {unknown} */ error) => {
      // Other errors: it was removed before it began.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#blocked();
    });
  }

  /** @param {number} level root mean square, 0 to 1 */
  setLevel(level) {
    const decibels = level > 0 ? 20 * Math.log10(level) : minDecibels;
    const percent = Math.round(100 * Math.min(1, Math.max(0, 1 - decibels / minDecibels)));
    this.#bar.style.setProperty("--level", `${percent}%`);
    this.#meter.setAttribute("aria-valuenow", String(percent));
  }

  /** @param {TrackStats} stats */
  update({ kilobits, lost, direction }) {
    const shown = direction === "in" || lost > 0 ? ` · ${lost} lost` : "";
    setText(this.#stats, `${Math.round(kilobits)} kb/s${shown}`);
  }

  clear() {
    this.setLevel(0);
    setText(this.#stats, "");
  }

  remove() {
    clearInterval(this.#timer);
    this.#level?.close();
    if (this.#audio !== undefined) this.#audio.srcObject = null;
    this.element.remove();
  }
}
