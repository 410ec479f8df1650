import { idPattern } from "../net/signaling.js";
import { forgetPeers, recentPeers } from "../storage.js";
import { button, byId, make, setText } from "./dom.js";

/**
 * @typedef {import("../net/signaling.js").ServerState} ServerState
 *
 * @typedef {object} LobbyEvents
 * @property {(peer: string) => void} call
 * @property {(id: string) => void} rename
 * @property {(token: string) => void} token
 * @property {(text: string) => void} copied
 */

/** @type {Record<ServerState, string>} */
const stateTexts = {
  connecting: "Connecting…",
  registered: "Online",
  reconnecting: "Server gone, reconnecting…",
  ended: "Offline",
};

/** Who one is, and whom to call. */
export class Lobby {
  #events;
  #id = "";
  #server = byId("server", HTMLElement);
  #me = byId("me", HTMLElement);
  #meSmall = byId("me-small", HTMLElement);
  #peer = byId("peer", HTMLInputElement);
  #newId = byId("rename-id", HTMLInputElement);
  #tokenCard = byId("token-card", HTMLElement);
  #token = byId("token", HTMLInputElement);
  #copyButtons = [button("copy-id"), button("copy-link")];

  /** @param {LobbyEvents} events */
  constructor(events) {
    this.#events = events;
    onSubmit("call-form", () => events.call(this.#peer.value.trim()));
    onSubmit("rename-form", () => events.rename(this.#newId.value.trim()));
    onSubmit("token-form", () => {
      const token = this.#token.value.trim();
      if (token !== "") events.token(token);
    });
    button("copy-id").addEventListener("click", () => void this.#copy(this.#id, "Id"));
    button("copy-link").addEventListener("click", () => void this.#copy(this.#link, "Link"));
    button("forget").addEventListener("click", () => {
      forgetPeers();
      this.showRecent();
      this.#peer.focus();
    });
    this.showRecent();
  }

  /**
   * @param {ServerState} state
   * @param {string | undefined} id
   */
  showServer(state, id) {
    this.#server.dataset["state"] = state;
    setText(this.#server, stateTexts[state]);
    button("call").disabled = state !== "registered";
    if (state !== "registered" || id === undefined) return;
    this.#id = id;
    setText(this.#me, id);
    setText(this.#meSmall, id);
    this.#newId.value = "";
    this.#token.value = "";
    this.#tokenCard.hidden = true;
    byId("rename", HTMLDetailsElement).open = false;
    for (const copy of this.#copyButtons) copy.disabled = false;
  }

  /** The id could not be had: ask for another one. */
  askForId() {
    setText(this.#me, this.#id === "" ? "none yet" : this.#id);
    byId("rename", HTMLDetailsElement).open = true;
    this.#newId.focus();
  }

  /** The server lets nobody in without one, or not with the last one. */
  askForToken() {
    if (this.#id === "") setText(this.#me, "none yet");
    this.#token.value = "";
    this.#tokenCard.hidden = false;
    this.#token.focus();
  }

  /** @param {boolean} inCall */
  showCall(inCall) {
    byId("lobby", HTMLElement).hidden = inCall;
    this.#meSmall.hidden = !inCall;
    this.showRecent();
  }

  /** @param {string} peer */
  fillIn(peer) {
    this.#peer.value = peer;
    button("call").focus();
  }

  /** On the heading: a focused field would bring up a phone's keyboard, over what there is to read. */
  focus() {
    byId("call-title", HTMLElement).focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  showRecent() {
    const peers = recentPeers().filter((peer) => idPattern.test(peer));
    const items = peers.map((peer) => {
      const chip = make("button", { type: "button", class: "chip" }, peer);
      chip.addEventListener("click", () => this.fillIn(peer));
      return make("li", {}, chip);
    });
    byId("recent-list", HTMLElement).replaceChildren(...items);
    byId("recent", HTMLElement).hidden = peers.length === 0;
  }

  get #link() {
    const url = new URL(location.href);
    url.hash = "";
    url.search = new URLSearchParams({ peer: this.#id }).toString();
    return url.href;
  }

  /**
   * @param {string} text
   * @param {string} what
   */
  async #copy(text, what) {
    this.#events.copied((await copyText(text)) ? `${what} copied.` : `Copy it by hand: ${text}`);
  }
}

/**
 * @param {string} id
 * @param {() => void} action
 */
export function onSubmit(id, action) {
  byId(id, HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

/**
 * @param {string} text
 * @returns {Promise<boolean>}
 */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/**
 * Without https there is no clipboard, but there is what browsers had before it.
 * @param {string} text
 */
function copyBySelection(text) {
  const field = make("textarea", { class: "unseen", readonly: "" });
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
