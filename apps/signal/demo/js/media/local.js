/**
 * This person's camera and microphone: on, off, muted, and which device.
 *
 * @typedef {"audio" | "video"} Kind
 *
 * @typedef {object} LocalMediaEvents
 * @property {(kind: Kind, track: MediaStreamTrack | undefined) => void} track what there is to send has changed
 * @property {() => void} changed something to show has changed
 * @property {(message: string) => void} problem
 */

const names = { audio: "microphone", video: "camera" };

/** @type {Record<Kind, MediaTrackConstraints>} */
const wishes = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
};

/** Whether the browser hands out devices at all: only to https and localhost. */
export const hasDevices = globalThis.isSecureContext && "mediaDevices" in navigator;

export class LocalMedia {
  /** One stream for all: the other side keeps its sound and picture together. */
  stream = new MediaStream();
  #events;
  #muted = false;
  /** @type {Set<Kind>} */
  #opening = new Set();
  /** @type {Map<Kind, MediaDeviceInfo[]>} */
  #devices = new Map();

  /** @param {LocalMediaEvents} events */
  constructor(events) {
    this.#events = events;
    if (!hasDevices) return;
    navigator.mediaDevices.addEventListener("devicechange", () => void this.#list());
  }

  get muted() {
    return this.#muted;
  }

  /** @param {Kind} kind */
  track(kind) {
    return this.stream.getTracks().find((track) => track.kind === kind);
  }

  /** @param {Kind} kind */
  isOpening(kind) {
    return this.#opening.has(kind);
  }

  /**
   * Known once one of the kind was allowed.
   * @param {Kind} kind
   */
  devices(kind) {
    return this.#devices.get(kind) ?? [];
  }

  /**
   * @param {Kind} kind
   * @param {string} [deviceId] default: the browser's choice
   */
  async turnOn(kind, deviceId) {
    if (this.#opening.has(kind)) return;
    if (!hasDevices) {
      this.#events.problem(insecureText);
      return;
    }
    this.#opening.add(kind);
    this.#events.changed();
    try {
      const device = deviceId === undefined ? {} : { deviceId: { exact: deviceId } };
      const wanted = { [kind]: { ...wishes[kind], ...device } };
      const got = await navigator.mediaDevices.getUserMedia(wanted);
      const [track] = got.getTracks();
      if (track !== undefined) this.#use(kind, track);
    } catch (error) {
      this.#events.problem(problemText(kind, error));
    } finally {
      this.#opening.delete(kind);
      this.#events.changed();
    }
    await this.#list();
  }

  /** @param {Kind} kind */
  turnOff(kind) {
    const track = this.track(kind);
    if (track === undefined) return;
    track.stop();
    this.stream.removeTrack(track);
    this.#events.track(kind, undefined);
    this.#events.changed();
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#muted = muted;
    for (const track of this.stream.getAudioTracks()) track.enabled = !muted;
    this.#events.changed();
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  #use(kind, track) {
    const old = this.track(kind);
    if (old !== undefined) {
      old.stop();
      this.stream.removeTrack(old);
    }
    if (kind === "audio") track.enabled = !this.#muted;
    this.stream.addTrack(track);
    // Only when the device goes away: stop() is silent.
    track.addEventListener("ended", () => {
      this.turnOff(kind);
      this.#events.problem(`The ${names[kind]} is gone: it was unplugged, or taken away.`);
    });
    this.#events.track(kind, track);
  }

  async #list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    for (const kind of /** @type {const} */ (["audio", "video"])) {
      const named = all.filter((device) => device.kind === `${kind}input` && device.label !== "");
      this.#devices.set(kind, named);
    }
    this.#events.changed();
  }
}

export const insecureText =
  "Camera and microphone need https, or localhost: browsers give them to no other page. " +
  "Chat works, and you see and hear what others send.";

/**
 * @param {Kind} kind
 * @param {unknown} error
 */
function problemText(kind, error) {
  const name = names[kind];
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return `No permission for the ${name}: allow it in the browser's site settings, and try again.`;
    case "NotFoundError":
    case "OverconstrainedError":
      return `There is no ${name}: plug one in, and try again.`;
    case "NotReadableError":
    case "AbortError":
      return `The ${name} does not start: another program may be using it.`;
    default:
      return `The ${name} does not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}
