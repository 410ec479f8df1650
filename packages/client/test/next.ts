/** The first item of an async iterable, left where it is for a later loop. */
export async function next<T>(source: AsyncIterable<T>): Promise<T> {
  for await (const item of source) return item;
  throw new Error("the source ended");
}
