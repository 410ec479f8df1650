import { byId, make, setText } from "./dom.js";
import { bytes, count, duration, rate } from "./format.js";

/** @typedef {import("./api.js").Overview} Overview */

/** @type {readonly (readonly [name: string, read: (overview: Overview) => string])[]} */
const figures = [
  ["Connections", ({ connections }) => count(connections)],
  ["Registered", ({ registered }) => count(registered)],
  ["Away", ({ away }) => count(away)],
  ["Rooms", ({ rooms }) => count(rooms)],
  ["Messages/s", ({ rates }) => rate(rates["messages"] ?? 0)],
  ["Running for", ({ uptimeMs }) => duration(uptimeMs)],
];

/** @type {readonly (readonly [key: string, title: string])[]} */
const groups = [
  ["errors", "Errors sent"],
  ["authentications", "Tokens judged"],
  ["sessions", "Sessions"],
  ["calls", "Calls"],
  ["limits", "Limits met"],
];

/** @param {readonly (readonly [string, string])[]} facts */
function list(facts) {
  const items = facts.map(([name, value]) => {
    return make("div", {}, make("dt", {}, name), make("dd", {}, value));
  });
  return make("dl", {}, ...items);
}

/** The numbers of now, and those since the start. */
export class Summary {
  /** @type {HTMLElement[]} */
  #values;
  #shown = "";

  constructor() {
    this.#values = figures.map(() => make("dd", {}, "–"));
    const items = figures.map(([name], i) => {
      return make("div", { class: "card" }, make("dt", {}, name), this.#values[i] ?? "");
    });
    byId("figures", HTMLElement).replaceChildren(...items);
  }

  /** @param {Overview} overview */
  show(overview) {
    for (const [i, [, read]] of figures.entries()) {
      const value = this.#values[i];
      if (value !== undefined) setText(value, read(overview));
    }
    const { totals, version, node, workers } = overview;
    const processes = workers === 1 ? "1 process" : `${workers} processes`;
    setText(byId("about", HTMLElement), `Conic ${version}, Node ${node}, ${processes}.`);
    // Written anew only when there is news: a selection in it would be lost each second.
    const shown = JSON.stringify(totals);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const number = (/** @type {string} */ key) => Number(totals[key] ?? 0);
    const traffic = list([
      ["Connections", count(number("connections"))],
      ["Messages", count(number("messages"))],
      ["Relayed", count(number("relayed"))],
      ["Received", bytes(number("receivedBytes"))],
      ["Sent", bytes(number("sentBytes"))],
      ["Kicked", count(number("kicked"))],
    ]);
    const parts = [make("div", {}, make("h3", {}, "Traffic"), traffic)];
    for (const [key, title] of groups) {
      const counts = totals[key];
      const facts = typeof counts === "object" ? Object.entries(counts) : [];
      const seen = facts.filter(([, value]) => value > 0);
      const content =
        seen.length === 0
          ? make("p", { class: "hint" }, "None.")
          : list(seen.map(([name, value]) => [name.replaceAll("_", " "), count(value)]));
      parts.push(make("div", {}, make("h3", {}, title), content));
    }
    byId("totals", HTMLElement).replaceChildren(...parts);
  }
}
