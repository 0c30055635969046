import type { Source } from '../domain/request/id';
import type { Store } from '../store/store';

/** How far the requests of a running reconcile are, in pages. */
export interface ReconcileProgress {
  readonly done: number;
  readonly open: number;
}

/** Sums over the requests of a source that were made since then; ISO 8601 UTC. */
export const progressOf = (
  store: Store,
  connectionId: string,
  source: Source,
  since: string,
): Promise<ReconcileProgress> =>
  store.read('desk.progress', async (t) => {
    const ids = await t.requests.madeSince(connectionId, source, since);
    const parts = await Promise.all(ids.map((id) => t.plans.progress({ connectionId, id })));
    return {
      done: parts.reduce((sum, { done }) => sum + done, 0),
      open: parts.reduce((sum, { open }) => sum + open, 0),
    };
  });
