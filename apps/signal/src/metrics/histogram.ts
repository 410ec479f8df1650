export interface HistogramText {
  readonly name: string;
  readonly help: string;
}

/**
 * A histogram whose observation is a comparison or two and an addition: prom-client's looks its bucket up by name, in an
 * object that it looks up by labels, which costs more than the rest of what is counted for a message. Read as one of
 * prom-client's by what scrapes.
 */
export class FastHistogram {
  readonly #text: HistogramText;
  readonly #bounds: Float64Array;
  /** How many fell between each bound and the one before; behind them, those above all. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** @param bounds - upper ones, rising. */
  constructor(text: HistogramText, bounds: readonly number[]) {
    this.#text = text;
    this.#bounds = Float64Array.from(bounds);
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index += 1;
    // In range: there is one more of these.
    (this.#counts[index] as number) += 1;
    this.#sum += value;
  }

  /** What a registry of prom-client asks of a metric. */
  asMetric(): { readonly name: string; readonly get: () => Promise<object> } {
    const { name, help } = this.#text;
    return {
      name,
      get: () =>
        Promise.resolve({
          name,
          help,
          type: "histogram",
          aggregator: "sum",
          values: this.#values(),
        }),
    };
  }

  /** As the text format has them: each bucket counts those below it too. */
  #values(): object[] {
    const { name } = this.#text;
    let count = 0;
    const buckets = Array.from(this.#counts, (own, index) => {
      count += own;
      const le = this.#bounds[index] ?? "+Inf";
      return { labels: { le }, value: count, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels: {}, value: this.#sum, metricName: `${name}_sum` },
      { labels: {}, value: count, metricName: `${name}_count` },
    ];
  }
}
