import type { Kind } from '../../domain/kinds';
import { guardedIn, guardWords } from '../../domain/reconcile/guard';
import type { RequestRef } from '../../domain/request/flow';
import type { Repositories } from '../../store/repositories';

/**
 * Why a person must look before so many records are taken away at once; null: it is not many. `open`: of the pages that are not done, by page. Pages that
 * were written count as well: who approves one of them has said nothing of the others.
 */
export async function guardOf(
  t: Repositories,
  ref: RequestRef,
  kind: Kind,
  open: ReadonlyMap<number, readonly string[]>,
): Promise<string | null> {
  const [keys, done] = await Promise.all([
    t.links.erpKeys(ref.connectionId, kind, ['linked', 'staged']),
    t.plans.applied(ref),
  ]);
  const all = new Map([...done.map(({ page, body }) => [page, guardedIn(body)] as const), ...open]);
  const inOrder = [...all].sort(([one], [other]) => one - other).flatMap(([, names]) => names);
  return guardWords(kind, inOrder, keys.length);
}
