import { objectOf, parseObject, stringOf } from "../json.js";

/**
 * The data channels of one call. Each but "control" is for chat: plain text, one message a line, as the program
 * `conic-datachannel` has it. "control" carries JSON lines of a media peer.
 *
 * @typedef {object} ChannelEvents
 * @property {(text: string, label: string) => void} message
 * @property {(text: string) => void} news what the peer's program tells about itself
 * @property {(open: boolean) => void} usable
 * @property {() => void} alone a media program called, which shows what is typed, and opens no channel for it
 */

export const chatLabel = "chat";
const controlLabel = "control";
/** What may wait to be sent. A person does not type as much; a path that is dead lets it grow. */
const maxBufferedBytes = 1_048_576;

export class Channels {
  #events;
  /** @type {RTCDataChannel[]} */
  #open = [];
  #hasChat = false;

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
    this.#hasChat = true;
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
    if (this.#hasChat) return;
    this.#hasChat = true;
    this.#events.alone();
  }
}

/**
 * A line of the control channel for people; nothing for what only programs care about. It answers to what
 * `conic-media` says: hello, mute, unmute, bye.
 *
 * @param {string} line
 * @returns {string | undefined}
 */
export function controlText(line) {
  const { type, kind, sends, reason } = parseObject(line);
  const what = kind === "video" ? "picture" : "sound";
  switch (type) {
    case "hello":
      return `A media program is there; ${announced(sends)}.`;
    case "mute":
      return `The ${what} was muted over there.`;
    case "unmute":
      return `The ${what} is back.`;
    case "bye": {
      const why = stringOf(reason) ?? "";
      return why === ""
        ? "The program says goodbye."
        : `The program says goodbye: ${why.slice(0, 200)}`;
    }
    default:
      return undefined;
  }
}

/** @param {unknown} sends what it announces, `{ kind, description }` each */
function announced(sends) {
  if (!Array.isArray(sends) || sends.length === 0) return "it listens and sends nothing";
  const texts = sends.slice(0, 4).map((one) => {
    const { kind, description } = objectOf(one);
    const text = (stringOf(description) ?? "").slice(0, 200);
    return `${kind === "video" ? "picture" : "sound"}${text === "" ? "" : ` (${text})`}`;
  });
  return `it sends ${texts.join(" and ")}`;
}
