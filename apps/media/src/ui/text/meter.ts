import { decibels, type Level } from "@conic/audio";

/** The left end of the meter, in dBFS. */
const floorDb = -60;
const defaultMeterCells = 20;

/** In ASCII: signs of other widths would break the line in some terminals. The `|` is the peak. */
export function meter({ rms, peak }: Level, cells: number = defaultMeterCells): string {
  const filled = position(rms, cells);
  const top = position(peak, cells);
  let bar = "";
  for (let cell = 0; cell < cells; cell += 1) {
    if (cell < filled) bar += "#";
    else bar += cell === top - 1 ? "|" : "-";
  }
  return `[${bar}] ${levelText(rms)}`;
}

export function levelText(rms: number): string {
  const db = decibels(rms);
  return db < floorDb ? "silence" : `${db.toFixed(0)} dB`;
}

/** Cells from the left. */
function position(level: number, cells: number): number {
  const part = 1 - decibels(level) / floorDb;
  return Math.max(0, Math.min(cells, Math.round(part * cells)));
}
