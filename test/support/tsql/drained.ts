export const isIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** The twin is answered with rows that are not its own: what would end may go on for ever. */
const MOST_PAGES = 50;

/** Has the twin do it, to the end. What comes of it does not matter: it was sent, and that is all we want to know. */
export async function drained(work: () => unknown): Promise<void> {
  try {
    const result = work();
    if (isIterable(result)) {
      const iterator = result[Symbol.asyncIterator]();
      for (let pages = 0; pages < MOST_PAGES; pages += 1) if ((await iterator.next()).done === true) break;
      await iterator.return?.();
    }
    await result;
  } catch {
    // Rows of SQLite are not quite those of a server.
  }
}
