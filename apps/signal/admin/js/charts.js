import { Chart } from "./chart.js";
import { bytes, count, milliseconds, rate } from "./format.js";

/** @typedef {import("./api.js").Sample} Sample */

const spanS = 300;

/** @type {readonly import("./chart.js").ChartOptions[]} */
const charts = [
  {
    title: "Connections",
    series: [
      { key: "connections", name: "open" },
      { key: "registered", name: "registered" },
      { key: "away", name: "away" },
    ],
    format: count,
    least: 10,
  },
  {
    title: "Messages a second",
    series: [
      { key: "messages", name: "received" },
      { key: "relayed", name: "relayed" },
    ],
    format: rate,
    least: 10,
  },
  {
    title: "Errors a second",
    series: [{ key: "errors", name: "sent to clients" }],
    format: rate,
    least: 1,
  },
  {
    title: "Calls a second",
    series: [
      { key: "callsDirect", name: "direct" },
      { key: "callsRelayed", name: "relayed" },
      { key: "callsFailed", name: "failed" },
    ],
    format: rate,
    least: 1,
  },
  {
    title: "Event-loop lag",
    series: [{ key: "lagMs", name: "longest" }],
    format: milliseconds,
    least: 10,
  },
  {
    title: "Memory",
    series: [
      { key: "rssBytes", name: "resident" },
      { key: "heapBytes", name: "JavaScript" },
    ],
    format: bytes,
    least: 64 * 1024 * 1024,
    base: 1024,
  },
  {
    title: "Bytes a second",
    series: [
      { key: "sentBytes", name: "sent" },
      { key: "receivedBytes", name: "received" },
    ],
    format: bytes,
    least: 1024,
    base: 1024,
  },
  { title: "CPU cores", series: [{ key: "cpu", name: "in use" }], format: rate, least: 1 },
];

/** All charts, over the same samples. */
export class Charts {
  #charts;
  /** @type {Sample[]} */
  #samples = [];

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#charts = charts.map((options) => new Chart(options));
    parent.replaceChildren(...this.#charts.map(({ element }) => element));
  }

  /** The newest second that is here already. */
  get newest() {
    return this.#samples.at(-1)?.["at"] ?? 0;
  }

  clear() {
    this.#samples = [];
  }

  /** @param {readonly Sample[]} samples behind the newest */
  add(samples) {
    if (samples.length === 0) return;
    this.#samples.push(...samples);
    const oldest = this.newest - spanS;
    this.#samples = this.#samples.filter((sample) => (sample["at"] ?? 0) > oldest);
    for (const chart of this.#charts) chart.show(this.#samples);
  }
}
