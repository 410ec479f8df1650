import { button, byId, setText } from "./dom.js";
import { count } from "./format.js";

/**
 * @template T
 * @typedef {object} TableOptions
 * @property {string} name of the section, and of the path of the API
 * @property {(item: T) => string} key
 * @property {(item: T) => HTMLTableRowElement} row a new row
 * @property {(row: HTMLTableRowElement, item: T) => void} update what may have changed since it was made
 */

const pageItems = 25;
const typingMs = 250;

/**
 * A searched and paged table. Rows that stay are the same elements: focus and selection are not lost.
 * @template T
 */
export class Table {
  #options;
  /** @type {() => void} */
  #changed;
  #body;
  #query;
  #after = "";
  /** @type {string | null} */
  #next = null;
  /** @type {Map<string, HTMLTableRowElement>} */
  #rows = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;

  /**
   * @param {TableOptions<T>} options
   * @param {() => void} changed another page, or another search, is wanted
   */
  constructor(options, changed) {
    const { name } = options;
    this.#options = options;
    this.#changed = changed;
    this.#body = byId(`${name}-rows`, HTMLTableSectionElement);
    this.#query = byId(`${name}-query`, HTMLInputElement);
    this.#query.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#turn(""), typingMs);
    });
    button(`${name}-first`).addEventListener("click", () => this.#turn(""));
    button(`${name}-next`).addEventListener("click", () => this.#turn(this.#next ?? ""));
  }

  /** @param {string} text */
  search(text) {
    this.#query.value = text;
    this.#turn("");
    this.#query.focus();
  }

  /** @param {import("./api.js").Api} api */
  async load(api) {
    const [query, after] = [this.#query.value.trim(), this.#after];
    const page = await api.page(this.#options.name, query, after, pageItems);
    // Meanwhile somebody has typed on, or turned the page.
    if (query === this.#query.value.trim() && after === this.#after) this.#show(page);
  }

  /** @param {string} after */
  #turn(after) {
    clearTimeout(this.#typing);
    this.#after = after;
    this.#changed();
  }

  /** @param {import("./api.js").Page<T>} page */
  #show({ items, total, next }) {
    const { name, key, row, update } = this.#options;
    // The last of this page have left.
    if (items.length === 0 && this.#after !== "") {
      this.#turn("");
      return;
    }
    this.#next = next;
    /** @type {Map<string, HTMLTableRowElement>} */
    const rows = new Map();
    for (const [i, item] of items.entries()) {
      const here = this.#rows.get(key(item)) ?? row(item);
      update(here, item);
      rows.set(key(item), here);
      // A row that stays where it is must not be moved: it would lose the focus.
      const there = this.#body.rows.item(i);
      if (there !== here) this.#body.insertBefore(here, there);
    }
    for (const [gone, element] of this.#rows) if (!rows.has(gone)) element.remove();
    this.#rows = rows;
    const isSearch = this.#query.value.trim() !== "";
    setText(byId(`${name}-count`, HTMLElement), `${count(total)}${isSearch ? " found" : ""}`);
    const empty = byId(`${name}-empty`, HTMLElement);
    empty.hidden = items.length > 0;
    const standard = (empty.dataset["text"] ??= empty.textContent);
    setText(empty, isSearch ? "Nothing like that." : standard);
    const table = this.#body.closest("table");
    if (table !== null) table.hidden = items.length === 0;
    byId(`${name}-pager`, HTMLElement).hidden = next === null && this.#after === "";
    button(`${name}-first`).disabled = this.#after === "";
    button(`${name}-next`).disabled = next === null;
  }
}
