import { WAITS } from '../domain/request/exception';
import type { ExceptionRow } from '../store/rows';
import type { Store } from '../store/store';

/** Records that wait for a person, the oldest first; of one connection, or of all. */
export const listExceptions = (
  store: Store,
  connectionId: string | undefined,
): Promise<{ readonly exceptions: readonly ExceptionRow[]; readonly connectionIds: readonly string[] }> =>
  store.read('desk.exceptions', async (t) => {
    const connectionIds = (await t.connections.all()).map(({ id }) => id);
    const wanted = connectionIds.filter((id) => connectionId === undefined || id === connectionId);
    const open = await Promise.all(wanted.map((id) => t.exceptions.listOpen(id)));
    // What waits for another record goes on by itself.
    return { exceptions: open.flat().filter(({ cause }) => cause !== WAITS), connectionIds };
  });
