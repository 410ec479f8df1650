/** Columns that a character takes: two for East Asian wide ones. */
function widthOf(character: string): number {
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
    character,
  )
    ? 2
    : 1;
}

/* oxlint-disable no-control-regex -- terminals speak in control characters */
const sequence = /^\u001b\[([?>]?)([\d;]*)([@-~])/;
const beginOfSequence = /^\u001b(\[[?>]?[\d;]*)?$/;
/* oxlint-enable no-control-regex */

/**
 * What a terminal shows: the few sequences that line editors use, interpreted as xterm does (with the cursor waiting
 * in the last column before it wraps). Anything else is kept in `unknown`, for nobody should have sent it.
 */
export class Screen {
  readonly columns: number;
  readonly unknown: string[] = [];
  readonly #rows: string[][] = [[]];
  #row = 0;
  #column = 0;
  #pending = "";

  constructor(columns: number) {
    this.columns = columns;
  }

  /** All rows from the start, those that scrolled away included; without trailing blanks. */
  get rows(): readonly string[] {
    return this.#rows.map((cells) =>
      Array.from(cells, (cell: string | undefined) => cell ?? " ")
        .join("")
        .trimEnd(),
    );
  }

  get text(): string {
    return this.rows.join("\n");
  }

  /** The row that the cursor is in, up to the cursor. */
  get beforeCursor(): string {
    const cells = this.#rows[this.#row] ?? [];
    return Array.from({ length: this.#column }, (_, column) => cells[column] ?? " ").join("");
  }

  /** The row that the cursor is in. */
  get line(): string {
    return this.rows[this.#row] ?? "";
  }

  write(text: string): void {
    let rest = this.#pending + text;
    this.#pending = "";
    while (rest !== "") {
      if (rest.startsWith("\u001b")) {
        const match = sequence.exec(rest);
        if (match === null) {
          if (beginOfSequence.test(rest)) {
            this.#pending = rest;
            return;
          }
          this.unknown.push(rest.slice(0, 8));
          rest = rest.slice(1);
          continue;
        }
        this.#control(match[3] ?? "", match[2] ?? "", match[1] ?? "");
        rest = rest.slice(match[0].length);
        continue;
      }
      const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      this.#put(character);
      rest = rest.slice(character.length);
    }
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#moveTo(this.#row + 1, this.#column);
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (character === "\u0007") return;
    else if (/\p{Cc}/u.test(character)) this.unknown.push(character);
    else this.#print(character);
  }

  #print(character: string): void {
    const width = widthOf(character);
    if (this.#column + width > this.columns) this.#moveTo(this.#row + 1, 0);
    const cells = this.#rows[this.#row] ?? [];
    for (let column = cells.length; column < this.#column; column += 1) cells[column] = " ";
    cells[this.#column] = character;
    if (width === 2) cells[this.#column + 1] = "";
    this.#column += width;
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = Math.max(0, column);
    while (this.#rows.length <= this.#row) this.#rows.push([]);
  }

  #control(final: string, parameters: string, mark: string): void {
    const count = Number(parameters) || 1;
    // The cursor that waits behind the last column counts as in it.
    const column = Math.min(this.#column, this.columns - 1);
    if (mark !== "") this.unknown.push(`CSI ${mark}${parameters}${final}`);
    else if (final === "A") this.#moveTo(this.#row - count, column);
    else if (final === "B") this.#moveTo(this.#row + count, column);
    else if (final === "C") this.#moveTo(this.#row, Math.min(column + count, this.columns - 1));
    else if (final === "D") this.#moveTo(this.#row, column - count);
    else if (final === "G") this.#moveTo(this.#row, count - 1);
    else if (final === "K" && parameters === "0") this.#rows[this.#row]?.splice(column);
    else if (final === "K" && parameters === "") this.#rows[this.#row]?.splice(column);
    else if (final === "J" && Number(parameters) === 0) this.#clearDown(column);
    else this.unknown.push(`CSI ${parameters}${final}`);
  }

  #clearDown(column: number): void {
    this.#rows[this.#row]?.splice(column);
    this.#rows.splice(this.#row + 1);
  }
}
