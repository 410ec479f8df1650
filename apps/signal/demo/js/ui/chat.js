import { chatLabel } from "../net/channels.js";
import { button, byId, make } from "./dom.js";
import { onSubmit } from "./lobby.js";

const maxEntries = 500;

/** The messages of a call. */
export class ChatView {
  #log = byId("log", HTMLElement);
  #input = byId("message", HTMLInputElement);

  /** @param {(text: string) => boolean} send false: it was not sent, and stays in the field */
  constructor(send) {
    onSubmit("chat-form", () => {
      if (this.#input.value !== "" && send(this.#input.value)) this.#input.value = "";
      this.#input.focus();
    });
  }

  /** @param {boolean} inCall */
  show(inCall) {
    byId("chat", HTMLElement).hidden = !inCall;
  }

  clear() {
    this.#log.replaceChildren();
    this.#input.value = "";
  }

  /** @param {boolean} usable */
  enable(usable) {
    button("send").disabled = !usable;
  }

  /**
   * @param {string} from
   * @param {string} text
   * @param {"mine" | "theirs" | "news"} kind
   * @param {string} [label] of the channel, when it is another one than usual
   */
  add(from, text, kind, label = chatLabel) {
    const atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
    const who = label === chatLabel ? from : `${from} on ${label === "" ? "(no label)" : label}`;
    const head = kind === "news" ? [] : [make("span", { class: "who" }, who)];
    this.#log.append(make("li", { class: kind }, ...head, make("p", { dir: "auto" }, text)));
    while (this.#log.childElementCount > maxEntries) this.#log.firstElementChild?.remove();
    // Whoever has scrolled back to read is left there.
    if (atEnd || kind === "mine") this.#log.scrollTop = this.#log.scrollHeight;
  }
}
