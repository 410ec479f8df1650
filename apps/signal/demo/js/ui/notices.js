import { byId, make } from "./dom.js";

const newsMs = 8_000;

/** One line on top: what went wrong stays until it is closed or overtaken, other news goes by itself. */
export class Notices {
  #alerts = byId("alerts", HTMLElement);
  #news = byId("news", HTMLElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} text */
  error(text) {
    this.#show(this.#alerts, "error", text);
  }

  /** @param {string} text */
  info(text) {
    this.#show(this.#news, "info", text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#news.replaceChildren(), newsMs);
  }

  clear() {
    this.#alerts.replaceChildren();
    this.#news.replaceChildren();
  }

  /**
   * @param {HTMLElement} region
   * @param {"error" | "info"} kind
   * @param {string} text
   */
  #show(region, kind, text) {
    const close = make("button", { type: "button", class: "quiet", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => region.replaceChildren());
    region.replaceChildren(make("div", { class: `notice ${kind}` }, make("p", {}, text), close));
  }
}
