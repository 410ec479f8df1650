import { Api, Refusal } from "./api.js";
import { Charts } from "./charts.js";
import { button, byId, make, setText } from "./dom.js";
import { duration } from "./format.js";
import { Summary } from "./summary.js";
import { peerTable, roomTable } from "./tables.js";

const tokenKey = "conic-admin-token";
const refreshMs = 1000;
/** While the server does not answer. */
const retryMs = 3000;
const newsMs = 6000;

/** @param {unknown} error */
function textOf(error) {
  if (!(error instanceof Refusal)) return "The server does not answer: is it running?";
  if (error.status === 401) return "That is not the token of this server.";
  if (error.status !== 429) return `The server refused: ${error.status}.`;
  return `Too many wrong tokens came from this address: try again in ${duration(error.retryAfterMs)}.`;
}

/** The dashboard: asks for the token, then for news each second while somebody looks. */
export class App {
  /** @type {Api | undefined} */
  #api;
  #summary = new Summary();
  #charts = new Charts(byId("charts", HTMLElement));
  #peers = peerTable(
    () => this.#loadTable(this.#peers),
    (id) => this.#askToKick(id),
  );
  #rooms = roomTable(
    () => this.#loadTable(this.#rooms),
    (room) => this.#peers.search(room),
  );
  #form = byId("sign-in-form", HTMLFormElement);
  #token = byId("token", HTMLInputElement);
  #dialog = byId("kick", HTMLDialogElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #newsTimer;

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#signIn(this.#token.value.trim());
    });
    button("sign-out").addEventListener("click", () => this.#signOut(""));
    document.addEventListener("visibilitychange", () => {
      if (this.#api !== undefined && !document.hidden) void this.#refresh(this.#api);
    });
    this.#dialog.addEventListener("close", () => {
      const id = byId("kick-id", HTMLElement).textContent;
      if (this.#dialog.returnValue === "kick") void this.#kick(id);
    });
  }

  start() {
    const token = sessionStorage.getItem(tokenKey);
    if (token === null) this.#signOut("");
    else void this.#signIn(token);
  }

  /** @param {string} token */
  async #signIn(token) {
    const api = new Api(token);
    const submit = button("sign-in-button");
    submit.disabled = true;
    try {
      this.#summary.show(await api.overview());
    } catch (error) {
      this.#signOut(textOf(error), error instanceof Refusal && error.status === 401);
      return;
    } finally {
      submit.disabled = false;
    }
    sessionStorage.setItem(tokenKey, token);
    this.#token.value = "";
    this.#alert("");
    this.#api = api;
    this.#show(true);
    byId("now-title", HTMLElement).focus();
    await this.#refresh(api);
  }

  /**
   * @param {string} why
   * @param {boolean} [forget] the token, which is of no use
   */
  #signOut(why, forget = true) {
    clearTimeout(this.#timer);
    this.#api = undefined;
    if (forget) sessionStorage.removeItem(tokenKey);
    this.#charts.clear();
    if (this.#dialog.open) this.#dialog.close("cancel");
    this.#show(false);
    this.#alert(why);
    this.#token.focus();
    this.#token.select();
  }

  /** @param {boolean} isIn */
  #show(isIn) {
    byId("sign-in", HTMLElement).hidden = isIn;
    byId("board", HTMLElement).hidden = !isIn;
    byId("server", HTMLElement).hidden = !isIn;
    button("sign-out").hidden = !isIn;
  }

  /** @param {Api} api */
  async #refresh(api) {
    clearTimeout(this.#timer);
    if (document.hidden) return;
    let pauseMs = refreshMs;
    try {
      const [overview, { samples }] = await Promise.all([
        api.overview(),
        api.events(this.#charts.newest),
        this.#peers.load(api),
        this.#rooms.load(api),
      ]);
      if (api !== this.#api) return;
      this.#summary.show(overview);
      this.#charts.add(samples);
      this.#state(overview.ready ? "ready" : "draining", overview.ready ? "Online" : "Draining");
    } catch (error) {
      if (api !== this.#api) return;
      if (error instanceof Refusal && error.status === 401) {
        this.#signOut(textOf(error));
        return;
      }
      // Somebody else at this address may be guessing: the token is still right.
      const isLocked = error instanceof Refusal && error.status === 429;
      this.#state("gone", isLocked ? "Locked, trying again…" : "Server gone, trying again…");
      pauseMs = isLocked ? Math.max(retryMs, error.retryAfterMs) : retryMs;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(api), pauseMs);
  }

  /** @param {{ load(api: Api): Promise<void> }} table */
  #loadTable(table) {
    if (this.#api === undefined) return;
    // What is wrong is told by the next refresh.
    table.load(this.#api).catch(() => undefined);
  }

  /** @param {string} id */
  #askToKick(id) {
    setText(byId("kick-id", HTMLElement), id);
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
    button("kick-cancel").focus();
  }

  /** @param {string} id */
  async #kick(id) {
    const api = this.#api;
    if (api === undefined) return;
    try {
      await api.disconnect(id);
      this.#news(`${id} was kicked.`);
    } catch (error) {
      const isGone = error instanceof Refusal && error.status === 404;
      if (isGone) this.#news(`${id} is not here any more.`);
      else this.#alert(textOf(error));
    }
    this.#loadTable(this.#peers);
  }

  /**
   * @param {string} state
   * @param {string} text
   */
  #state(state, text) {
    const server = byId("server", HTMLElement);
    server.dataset["state"] = state;
    setText(server, text);
  }

  /** @param {string} text none: there is nothing wrong any more */
  #alert(text) {
    const notice = make("div", { class: "notice error" }, make("p", {}, text));
    byId("alerts", HTMLElement).replaceChildren(...(text === "" ? [] : [notice]));
  }

  /** @param {string} text */
  #news(text) {
    clearTimeout(this.#newsTimer);
    const news = byId("news", HTMLElement);
    news.replaceChildren(make("div", { class: "notice" }, make("p", {}, text)));
    this.#newsTimer = setTimeout(() => news.replaceChildren(), newsMs);
  }
}
