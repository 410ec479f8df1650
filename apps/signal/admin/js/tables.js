import { make, setText } from "./dom.js";
import { count, duration } from "./format.js";
import { Table } from "./table.js";

/**
 * @typedef {import("./api.js").Peer} Peer
 * @typedef {import("./api.js").Room} Room
 */

/**
 * @param {string} label what the column is, where the table has none because it is narrow
 * @param {string} name of the class
 * @param {...(Node | string)} children
 */
function cell(label, name, ...children) {
  return make("td", { "data-label": label, class: name }, ...children);
}

/**
 * @param {HTMLTableRowElement} row
 * @param {string} name
 */
function part(row, name) {
  const found = row.querySelector(`.${name}`);
  if (found instanceof HTMLElement) return found;
  throw new Error(`a row has no ${name}`);
}

/**
 * @param {readonly string[]} rooms
 * @param {(room: string) => void} onRoom
 */
function roomButtons(rooms, onRoom) {
  return rooms.map((room) => {
    const chip = make(
      "button",
      { type: "button", class: "chip", title: `Who is in ${room}` },
      room,
    );
    chip.addEventListener("click", () => onRoom(room));
    return chip;
  });
}

/**
 * @param {() => void} changed
 * @param {(id: string) => void} onKick
 * @returns {Table<Peer>}
 */
export function peerTable(changed, onKick) {
  /** @type {Table<Peer>} */
  const table = new Table(
    {
      name: "peers",
      key: ({ id }) => id,
      row: ({ id }) => {
        const label = { type: "button", class: "danger small", "aria-label": `Kick ${id}` };
        const kick = make("button", label, "Kick");
        kick.addEventListener("click", () => onKick(id));
        return make(
          "tr",
          {},
          make("th", { scope: "row", class: "key" }, id),
          cell("Address", "address"),
          cell("Rooms", "in", make("div", { class: "chips" })),
          cell("Registered", "since"),
          cell("State", "state"),
          cell("", "actions", kick),
        );
      },
      update: (row, { remoteAddress, rooms, registeredAt, away, dialect }) => {
        setText(part(row, "address"), remoteAddress === "" ? "–" : remoteAddress);
        setText(part(row, "since"), `${duration(Date.now() - registeredAt)} ago`);
        part(row, "since").title = new Date(registeredAt).toLocaleString();
        const state = `${away ? "away" : "online"}${dialect === "go" ? ", Go dialect" : ""}`;
        setText(part(row, "state"), state);
        part(row, "state").dataset["state"] = away ? "away" : "online";
        const chips = part(row, "chips");
        const shown = rooms.join("\n");
        if (chips.dataset["rooms"] === shown) return;
        chips.dataset["rooms"] = shown;
        const buttons = roomButtons(rooms, (room) => table.search(room));
        chips.replaceChildren(...(buttons.length === 0 ? ["–"] : buttons));
      },
    },
    changed,
  );
  return table;
}

/**
 * @param {() => void} changed
 * @param {(room: string) => void} onRoom
 * @returns {Table<Room>}
 */
export function roomTable(changed, onRoom) {
  return new Table(
    {
      name: "rooms",
      key: ({ name }) => name,
      row: ({ name }) => {
        const label = { type: "button", class: "small", "aria-label": `Show who is in ${name}` };
        const show = make("button", label, "Show peers");
        show.addEventListener("click", () => onRoom(name));
        return make(
          "tr",
          {},
          make("th", { scope: "row", class: "key" }, name),
          cell("Members", "members number"),
          cell("", "actions", show),
        );
      },
      update: (row, { members }) => setText(part(row, "members"), count(members)),
    },
    changed,
  );
}
