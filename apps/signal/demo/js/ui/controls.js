import { hasDevices, insecureText } from "../media/local.js";
import { button, byId, make, setText } from "./dom.js";

/**
 * @typedef {import("../media/local.js").LocalMedia} LocalMedia
 * @typedef {import("../media/local.js").Kind} Kind
 */

/** The buttons for camera and microphone. */
export class Controls {
  #media;
  #buttons = { audio: button("mic"), video: button("camera") };
  #selects = {
    audio: byId("mic-device", HTMLSelectElement),
    video: byId("camera-device", HTMLSelectElement),
  };
  #labels = { audio: byId("mic-label", HTMLElement), video: byId("camera-label", HTMLElement) };
  #mute = button("mute");

  /** @param {LocalMedia} media */
  constructor(media) {
    this.#media = media;
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      this.#buttons[kind].addEventListener("click", () => {
        if (media.track(kind) === undefined) void media.turnOn(kind);
        else media.turnOff(kind);
      });
      const select = this.#selects[kind];
      select.addEventListener("change", () => void media.turnOn(kind, select.value));
    }
    this.#mute.addEventListener("click", () => media.mute(!media.muted));
    if (hasDevices) return;
    const note = byId("insecure", HTMLElement);
    setText(note, insecureText);
    note.hidden = false;
  }

  update() {
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const on = this.#media.track(kind) !== undefined;
      this.#buttons[kind].setAttribute("aria-pressed", String(on));
      this.#buttons[kind].disabled = this.#media.isOpening(kind);
      this.#offerDevices(kind);
    }
    this.#mute.disabled = this.#media.track("audio") === undefined;
    this.#mute.setAttribute("aria-pressed", String(this.#media.muted));
    byId("devices", HTMLElement).hidden = this.#labels.audio.hidden && this.#labels.video.hidden;
  }

  /**
   * A choice where there is one to make, and the device is in use.
   * @param {Kind} kind
   */
  #offerDevices(kind) {
    const devices = this.#media.devices(kind);
    const track = this.#media.track(kind);
    this.#labels[kind].hidden = track === undefined || devices.length < 2;
    const select = this.#selects[kind];
    select.replaceChildren(
      ...devices.map(({ deviceId, label }) => make("option", { value: deviceId }, label)),
    );
    const current = track?.getSettings().deviceId;
    if (current !== undefined) select.value = current;
  }
}
