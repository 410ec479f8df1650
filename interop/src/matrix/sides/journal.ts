const maxNotes = 200;

/** What happened in a connection so far, on both sides, and whoever waits for more of it. */
export class Journal {
  /** How long anything is waited for. */
  patienceMs: number;
  readonly #started = performance.now();
  readonly #notes: string[] = [];
  readonly #looks = new Set<() => void>();
  #fault: Error | undefined;

  constructor(patienceMs: number) {
    this.patienceMs = patienceMs;
  }

  /** Something happened. `text` is shown when somebody waits in vain. */
  note(text?: string): void {
    if (text !== undefined && this.#notes.length < maxNotes) {
      this.#notes.push(`${Math.round(performance.now() - this.#started)} ms ${text.slice(0, 300)}`);
    }
    for (const look of this.#looks) look();
  }

  /** Something went wrong for good: all who wait, and will, are told. */
  fail(message: string): void {
    this.#fault ??= new Error(message);
    this.note(message);
  }

  /** Resolves once `find` finds something. @throws Error after a fault, or when it takes too long. */
  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    let look: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        look = () => {
          const found = find();
          if (found !== undefined) resolve(found);
          else if (this.#fault !== undefined) reject(this.#fault);
        };
        timer = setTimeout(() => {
          reject(new Error(`in vain for ${what}; what happened:\n${this.#notes.join("\n")}`));
        }, this.patienceMs);
        this.#looks.add(look);
        look();
      });
    } finally {
      clearTimeout(timer);
      if (look !== undefined) this.#looks.delete(look);
    }
  }
}
