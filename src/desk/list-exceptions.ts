import type { ExceptionRow } from '../store/rows';
import type { Store } from '../store/store';

/** Records that wait for a person, or for something else, the oldest first; of all connections, or of one. */
export const listExceptions = (
  store: Store,
  connectionIds: readonly string[],
): Promise<readonly ExceptionRow[]> =>
  store.read('desk.exceptions', async (t) =>
    (await Promise.all(connectionIds.map((id) => t.exceptions.listOpen(id)))).flat(),
  );
