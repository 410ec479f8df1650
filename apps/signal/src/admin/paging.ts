import type { Page, PageRequest } from "./source.js";

/** Items that are looked at before others have their turn: about a millisecond. */
const sliceItems = 1000;

export interface Paging<T> {
  readonly key: (item: T) => string;
  /** Whether an item has the text, in small letters, somewhere. */
  readonly matches: (item: T, query: string) => boolean;
}

/** Where the key belongs in what is sorted. */
function position<T>(sorted: readonly T[], key: string, { key: keyOf }: Paging<T>): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = sorted[middle];
    if (item !== undefined && keyOf(item) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * One page of many items, which come in any order, and may come and go meanwhile. Nothing is kept but the page, and the
 * relay goes on between two slices, however many there are.
 */
export async function pageOf<T>(
  items: Iterable<T>,
  { query, limit, after }: PageRequest,
  paging: Paging<T>,
): Promise<Page<T>> {
  const wanted = query.toLowerCase();
  // One more than asked for: it tells that there is another page.
  const page: T[] = [];
  let [total, seen] = [0, 0];
  for (const item of items) {
    seen += 1;
    if (seen % sliceItems === 0) await new Promise(setImmediate);
    if (wanted !== "" && !paging.matches(item, wanted)) continue;
    total += 1;
    const key = paging.key(item);
    if (after !== "" && key <= after) continue;
    const last = page.at(-1);
    if (page.length > limit && last !== undefined && paging.key(last) <= key) continue;
    page.splice(position(page, key, paging), 0, item);
    if (page.length > limit + 1) page.pop();
  }
  const more = page.length > limit;
  const shown = page.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, total, next: more && last !== undefined ? paging.key(last) : null };
}
