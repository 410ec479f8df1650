import { make, setText } from "./dom.js";

/**
 * @typedef {import("./api.js").Sample} Sample
 *
 * @typedef {object} Series
 * @property {string} key of a sample
 * @property {string} name
 *
 * @typedef {object} ChartOptions
 * @property {string} title
 * @property {readonly Series[]} series
 * @property {(value: number) => string} format
 * @property {number} least what the scale reaches to when nothing happens
 * @property {number} [base] steps of the scale are round in this system; 10 unless given
 */

const spanS = 300;
const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 */
function draw(tag, attributes) {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/**
 * The next round number: 1, 2 or 5 times a power, so that the scale does not jump with every sample.
 * @param {number} value
 * @param {number} base
 */
export function ceiling(value, base) {
  const power = base ** Math.floor(Math.log(value) / Math.log(base));
  const steps = base === 10 ? [1, 2, 5, 10] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
  return power * (steps.find((step) => step * power >= value) ?? base);
}

/** Lines over the last five minutes. */
export class Chart {
  #options;
  #svg = draw("svg", { viewBox: `0 0 ${spanS} 100`, preserveAspectRatio: "none" });
  #cursor = draw("line", { class: "cursor", y1: "0", y2: "100", visibility: "hidden" });
  /** @type {{ readonly line: Element, readonly area: Element | undefined, readonly value: Element }[]} */
  #series = [];
  #top = make("span", { class: "scale high" });
  #middle = make("span", { class: "scale half" });
  #when = make("span", { class: "when" });
  /** @type {HTMLElement} */
  element;
  /** @type {readonly Sample[]} */
  #samples = [];
  /** @type {number | undefined} under the pointer, in seconds */
  #at;

  /** @param {ChartOptions} options */
  constructor(options) {
    this.#options = options;
    const legend = make("ul", { class: "legend" });
    for (const y of ["0", "50", "100"]) {
      this.#svg.append(draw("line", { class: "grid", x1: "0", x2: String(spanS), y1: y, y2: y }));
    }
    for (const [i, { name }] of options.series.entries()) {
      const area = i === 0 ? draw("path", { class: "area series-0" }) : undefined;
      const line = draw("path", { class: `line series-${i}` });
      const value = make("span", { class: "value" }, "–");
      if (area !== undefined) this.#svg.append(area);
      this.#svg.append(line);
      const swatch = make("span", { class: `swatch series-${i}`, "aria-hidden": "true" });
      legend.append(make("li", {}, swatch, make("span", {}, name), value));
      this.#series.push({ line, area, value });
    }
    this.#svg.append(this.#cursor);
    const plot = make("div", { class: "plot" }, this.#top, this.#middle);
    plot.append(this.#svg);
    this.#svg.setAttribute("role", "img");
    const head = make("div", { class: "head" }, make("h3", {}, options.title), this.#when);
    this.element = make("figure", { class: "card chart" }, head, legend, plot);
    plot.addEventListener("pointermove", (event) => this.#point(event, plot));
    plot.addEventListener("pointerleave", () => {
      this.#at = undefined;
      this.#legend();
    });
  }

  /** @param {readonly Sample[]} samples oldest first, none older than five minutes */
  show(samples) {
    this.#samples = samples;
    const { series, least, base = 10, format, title } = this.#options;
    const newest = samples.at(-1)?.["at"] ?? 0;
    let [highest, peak] = [least, 0];
    for (const sample of samples) {
      for (const { key } of series) {
        highest = Math.max(highest, sample[key] ?? 0);
        peak = Math.max(peak, sample[key] ?? 0);
      }
    }
    const top = ceiling(highest, base);
    setText(this.#top, format(top));
    setText(this.#middle, format(top / 2));
    for (const [i, { key }] of series.entries()) {
      let [path, area, previous] = ["", "", -Infinity];
      let first = 0;
      for (const sample of samples) {
        const x = spanS - 1 - (newest - (sample["at"] ?? 0));
        const y = (100 - (100 * (sample[key] ?? 0)) / top).toFixed(2);
        // Seconds that are missing, such as while the server was stopped, stay a gap.
        const isGap = (sample["at"] ?? 0) - previous > 3;
        if (isGap) {
          if (path !== "") area += `L${previous - newest + spanS - 1} 100Z`;
          area += `M${x} 100L${x} ${y}`;
          first = x;
        } else area += `L${x} ${y}`;
        path += `${isGap ? "M" : "L"}${x} ${y}`;
        previous = sample["at"] ?? 0;
      }
      if (path !== "") area += `L${spanS - 1} 100L${first} 100Z`;
      this.#series[i]?.line.setAttribute("d", path);
      this.#series[i]?.area?.setAttribute("d", area);
    }
    const now = series.map(({ key, name }) => `${name} ${format(samples.at(-1)?.[key] ?? 0)}`);
    this.#svg.setAttribute("aria-label", `${title}: now ${now.join(", ")}; peak ${format(peak)}`);
    this.#legend();
  }

  /**
   * @param {PointerEvent} event
   * @param {Element} plot
   */
  #point(event, plot) {
    const { left, width } = plot.getBoundingClientRect();
    const newest = this.#samples.at(-1)?.["at"] ?? 0;
    const fromRight = (1 - (event.clientX - left) / width) * (spanS - 1);
    this.#at = Math.round(newest - fromRight);
    this.#legend();
  }

  /** The values under the pointer, or those of now. */
  #legend() {
    const newest = this.#samples.at(-1);
    const at = this.#at;
    const sample = at === undefined ? newest : this.#samples.find((one) => one["at"] === at);
    const ago = (newest?.["at"] ?? 0) - (at ?? 0);
    setText(this.#when, at === undefined ? "" : `${ago} s ago`);
    this.#cursor.setAttribute("visibility", at === undefined ? "hidden" : "visible");
    for (const end of ["x1", "x2"]) this.#cursor.setAttribute(end, String(spanS - 1 - ago));
    for (const [i, { key }] of this.#options.series.entries()) {
      const value = sample?.[key];
      const node = this.#series[i]?.value;
      if (node !== undefined) {
        setText(node, value === undefined ? "–" : this.#options.format(value));
      }
    }
  }
}
