import { recordIdOf } from '../../domain/base/identity';
import { doubtedInProcoreWords, goneInProcoreWords } from '../../domain/reconcile/gone';
import { judgeMissing } from '../../domain/reconcile/missing';
import { GONE_IN_PROCORE } from '../../domain/request/exception';
import type { ReconcileLook } from '../../domain/request/flow';
import { reconcileIdOf } from '../../domain/request/id';
import type { SyncPlace } from '../../domain/plan/operation';
import type { ProcoreKind } from '../../procore/port';
import type { NewException } from '../../store/repositories/exceptions';
import type { ActivityDeps } from '../deps';

/**
 * After Procore's list of a kind was read to its end: linked records that it did not have, and that are not there when they are asked for, wait for a
 * person, or the list is doubted as a whole. What is there again is closed. Nothing is written but exceptions.
 */
export async function tellGone(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  { connectionId, kind }: ReconcileLook,
  {
    port,
    place,
    seen,
  }: { readonly port: ProcoreKind; readonly place: SyncPlace; readonly seen: ReadonlySet<number> },
): Promise<void> {
  const { links, open } = await deps.store.read('reconcile.gone', async (t) => {
    const [linked, found] = await Promise.all([
      t.links.settled(connectionId, kind),
      t.exceptions.listOpen(connectionId, kind),
    ]);
    return { links: linked, open: found.filter(({ cause }) => cause === GONE_IN_PROCORE) };
  });
  const unseen = links.filter(({ procoreId }) => procoreId !== null && !seen.has(procoreId));
  const ids = unseen.flatMap(({ procoreId }) => (procoreId === null ? [] : [procoreId]));
  const there = new Set(
    ids.length === 0 ? [] : ((await port.see?.(ids, place)) ?? []).map(({ draft }) => draft.procoreId),
  );
  const missing = ids.filter((id) => !there.has(id));
  if (missing.length === 0 && open.length === 0) return;
  const idOf = (id: number | string): string => recordIdOf(kind, id);
  const verdict = judgeMissing({
    linked: links.length,
    listed: seen.size,
    missing: missing.map(idOf),
    known: new Set(open.map(({ recordId }) => recordId)),
  });
  await deps.store.transaction('reconcile.gone', connectionId, async (t) => {
    const now = deps.now();
    const base = { connectionId, cause: GONE_IN_PROCORE, requestId: null, openedAt: now };
    const told: NewException[] =
      verdict.kind === 'doubted'
        ? [
            {
              ...base,
              recordId: idOf('all'),
              erpKey: null,
              ...doubtedInProcoreWords(kind, verdict, links.length),
            },
          ]
        : (await t.links.byProcoreIds(connectionId, kind, missing))
            .filter(({ state }) => state === 'linked')
            .map((link) => ({
              ...base,
              recordId: idOf(link.procoreId ?? ''),
              erpKey: null,
              ...goneInProcoreWords(link),
            }));
    const still = new Set([
      ...told.map(({ recordId }) => recordId),
      ...(verdict.kind === 'doubted' ? missing.map(idOf) : []),
    ]);
    const over = open.map(({ recordId }) => recordId).filter((recordId) => !still.has(recordId));
    const [news, closed] = await Promise.all([
      t.exceptions.open(told),
      over.length === 0
        ? []
        : t.exceptions.resolve({ connectionId, recordIds: over, cause: GONE_IN_PROCORE }, now),
    ]);
    const entry = {
      at: now,
      actor: 'tieback',
      requestId: null,
      planHash: null,
      workflowId: reconcileIdOf(connectionId, kind),
    };
    await t.audit.append(connectionId, [
      ...news.map(({ recordId, reason }) => ({
        ...entry,
        action: 'exception.opened' as const,
        subject: recordId,
        detail: { cause: GONE_IN_PROCORE, reason },
      })),
      ...closed.map(({ recordId, reason }) => ({
        ...entry,
        action: 'exception.resolved' as const,
        subject: recordId,
        detail: { reason, by: 'reconcile' },
      })),
    ]);
  });
}
