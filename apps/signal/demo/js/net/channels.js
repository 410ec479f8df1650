import { parseObject } from "../json.js";

/**
 * The data channels of one call. Each but "control" is for chat: plain text, one message a line, as the program
 * `conic-datachannel` has it. "control" carries JSON lines of a media peer.
 *
 * @typedef {object} ChannelEvents
 * @property {(text: string, label: string) => void} message
 * @property {(text: string) => void} news what the peer's program tells about itself
 * @property {(open: boolean) => void} usable
 */

export const chatLabel = "chat";
const controlLabel = "control";
/** What may wait to be sent. A person does not type as much; a path that is dead lets it grow. */
const maxBufferedBytes = 1_048_576;

export class Channels {
  #events;
  /** @type {RTCDataChannel[]} */
  #open = [];

  /** @param {ChannelEvents} events */
  constructor(events) {
    this.#events = events;
  }

  /** Whether a message can be sent now. */
  get usable() {
    return this.#open.length > 0;
  }

  /** @param {RTCDataChannel} channel */
  add(channel) {
    const { label } = channel;
    if (label === controlLabel) {
      channel.addEventListener("message", ({ data }) => this.#onControl(data));
      return;
    }
    const opened = () => {
      this.#open.push(channel);
      this.#events.usable(true);
    };
    if (channel.readyState === "open") opened();
    else channel.addEventListener("open", opened);
    channel.addEventListener(
      "message",
      (/** @type {MessageEvent<string | ArrayBuffer>} */ { data }) => {
        const text =
          typeof data === "string" ? data : `(${data.byteLength} bytes that are no text)`;
        this.#events.message(text, label);
      },
    );
    channel.addEventListener("close", () => {
      this.#open = this.#open.filter((other) => other !== channel);
      this.#events.usable(this.usable);
    });
  }

  /**
   * @param {string} text
   * @param {number} maxBytes the largest message that the remote takes
   * @returns {string | undefined} why it was not sent
   */
  send(text, maxBytes) {
    const channel = this.#open.find(({ label }) => label === chatLabel) ?? this.#open[0];
    if (channel === undefined) return "There is no channel to the peer yet.";
    const bytes = new TextEncoder().encode(text).byteLength;
    if (bytes > maxBytes) return `The message is too long: ${bytes} of ${maxBytes} bytes.`;
    if (channel.bufferedAmount + bytes > maxBufferedBytes) {
      return "Earlier messages are still on their way: try again in a moment.";
    }
    channel.send(text);
    return undefined;
  }

  /** @param {unknown} data */
  #onControl(data) {
    if (typeof data !== "string") return;
    for (const line of data.split("\n")) {
      const text = controlText(line);
      if (text !== undefined) this.#events.news(text);
    }
  }
}

/**
 * A line of the control channel for people; nothing for what only programs care about.
 * @param {string} line
 * @returns {string | undefined}
 */
export function controlText(line) {
  const { type, ...fields } = parseObject(line);
  switch (type) {
    case "hello":
      return `The peer’s program says hello${listOf(fields)}.`;
    case "mute":
      return `The peer ${fields["muted"] === false ? "unmuted" : "muted"} its ${fields["kind"] === "video" ? "picture" : "sound"}.`;
    case "bye":
      return `The peer’s program says goodbye${listOf(fields)}.`;
    default:
      return undefined;
  }
}

/** @param {Record<string, unknown>} fields */
function listOf(fields) {
  const shown = Object.entries(fields)
    .filter(([, value]) => ["string", "number"].includes(typeof value) || Array.isArray(value))
    .slice(0, 6)
    .map(([name, value]) => `${name} ${String(value)}`);
  return shown.length === 0 ? "" : `: ${shown.join(", ").slice(0, 200)}`;
}
