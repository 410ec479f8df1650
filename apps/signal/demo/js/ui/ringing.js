import { button, byId, setText } from "./dom.js";

/** The banner of a call that comes in. */
export class Ringing {
  #banner = byId("incoming", HTMLElement);
  #title = document.title;

  /**
   * @param {{ accept: () => void, decline: () => void }} events
   */
  constructor({ accept, decline }) {
    button("accept").addEventListener("click", accept);
    button("decline").addEventListener("click", decline);
  }

  /**
   * The focus stays where it is: somebody who types must not accept by it.
   * @param {string} peer
   * @param {string | undefined} current whom the call that it would end is with
   */
  show(peer, current) {
    setText(byId("incoming-peer", HTMLElement), peer);
    const note = current === undefined ? "" : `. Accepting ends the call with ${current}`;
    setText(byId("incoming-note", HTMLElement), note);
    this.#banner.hidden = false;
    document.title = `${peer} is calling`;
  }

  hide() {
    this.#banner.hidden = true;
    document.title = this.#title;
  }
}
