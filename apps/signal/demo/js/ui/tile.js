import { make, setText } from "./dom.js";

/** @typedef {import("../net/stats.js").TrackStats} TrackStats */

/** One picture. */
export class Tile {
  element;
  #video;
  #stats = make("span", { class: "stats" });

  /**
   * @param {MediaStreamTrack} track
   * @param {string} name
   * @param {boolean} isOwn
   */
  constructor(track, name, isOwn) {
    const label = isOwn ? "Your camera" : `Picture of ${name}`;
    this.#video = make("video", { playsinline: "", "aria-label": label });
    // As a property, for it counts at once; sound is played by an element of its own.
    this.#video.muted = true;
    this.#video.autoplay = true;
    this.#video.srcObject = new MediaStream([track]);
    const caption = make("figcaption", {}, make("span", { class: "name" }, name), this.#stats);
    this.element = make("figure", { class: isOwn ? "tile own" : "tile" }, this.#video, caption);
    this.element.dataset["waiting"] = "";
    this.#video.addEventListener("playing", () => delete this.element.dataset["waiting"]);
    // One looks into one's own front camera as into a mirror.
    if (isOwn && track.getSettings().facingMode !== "environment") {
      this.element.classList.add("mirrored");
    }
  }

  /** @param {TrackStats} stats */
  update({ width, height, framesPerSecond, kilobits, lost, direction }) {
    const parts = [
      width > 0 ? `${width}×${height}` : "no picture yet",
      `${Math.round(framesPerSecond)} fps`,
      `${Math.round(kilobits)} kb/s`,
      ...(direction === "in" || lost > 0 ? [`${lost} lost`] : []),
    ];
    setText(this.#stats, parts.join(" · "));
  }

  clear() {
    setText(this.#stats, "");
  }

  remove() {
    this.#video.srcObject = null;
    this.element.remove();
  }
}
