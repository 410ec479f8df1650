/** Reads until `count` items are there or the iteration ends, and leaves the rest unread. */
export async function collect<T>(source: AsyncIterable<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  if (count <= 0) return items;
  for await (const item of source) {
    if (items.push(item) >= count) break;
  }
  return items;
}

/** Reads to the end. */
export function collectAll<T>(source: AsyncIterable<T>): Promise<T[]> {
  return collect(source, Infinity);
}
