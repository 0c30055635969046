import type { Kind } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import { hasReconciledLines } from '../../domain/reconcile/reconciled-part';
import { DOUBTED, GONE, MISSED } from '../../domain/request/exception';
import { isOfReconcile, reconcileReaderOf } from '../../domain/request/id';
import type { Repositories } from '../../store/repositories';

/** Whose records may wait until one of a kind is in Procore. */
const WAITERS: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  line_item_type: ['project', 'sub_job'],
  project: ['sub_job'],
  standard_cost_code: ['standard_cost_code'],
};

/** What the sweep told stays until the next sweep. */
const OF_THE_SWEEP: ReadonlySet<string> = new Set([GONE, DOUBTED, MISSED]);

/**
 * Has the next reconcile look again at what was left out before, where something is linked now that it may have waited for: the feed of the ERP tells
 * of changes there only. Kinds that are not reconciled have no next one.
 */
export async function wakeWaiting(
  t: Repositories,
  connectionId: string,
  moved: readonly Pick<RecordLink, 'kind' | 'state'>[],
  now: string,
): Promise<void> {
  const kinds = new Set(
    moved.flatMap(({ kind, state }) => (state === 'linked' ? (WAITERS[kind] ?? []) : [])),
  );
  for (const kind of kinds) {
    if ((await t.checkpoints.get(connectionId, reconcileReaderOf(kind, 'erp'))) === null) continue;
    const open = await t.exceptions.listOpen(connectionId, kind);
    const left = open.flatMap(({ erpKey, requestId, cause }) =>
      erpKey !== null && requestId !== null && isOfReconcile(requestId) && !OF_THE_SWEEP.has(cause)
        ? [erpKey]
        : [],
    );
    const lines = hasReconciledLines(kind) ? await t.links.withOpenLines(connectionId, kind) : [];
    if (left.length + lines.length > 0)
      t.sideRecords.lookAgain(connectionId, kind, 'erp', [...left, ...lines], now);
  }
}
