export const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Has the twin do it, to the end. What comes of it does not matter: it was sent, and that is all we want to know. */
export async function drained(work: () => unknown): Promise<void> {
  try {
    const result = work();
    if (isIterable(result)) {
      const iterator = result[Symbol.asyncIterator]();
      while ((await iterator.next()).done !== true);
    }
    await result;
  } catch {
    // Rows of SQLite are not quite those of a server.
  }
}
