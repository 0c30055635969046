import { recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { LeftOut } from '../../domain/plan/plan';
import { procoreRevisionOf } from '../../domain/plan/reconcile';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import { syncRevisionOf } from '../../domain/plan/sync';
import type { Repositories } from '../../store/repositories';

/**
 * What cannot be worked is told once, and not with every look that comes across it. A link that moved says itself what was settled; what is held has a
 * place of its own.
 */
export async function tellOnce(
  t: Repositories,
  { connectionId, kind, now }: { readonly connectionId: string; readonly kind: Kind; readonly now: string },
  {
    leftOut,
    held,
    snapshot,
    links,
  }: {
    readonly leftOut: readonly LeftOut[];
    /** ERP keys. */
    readonly held: ReadonlySet<string>;
    readonly snapshot: ReconcileSnapshot;
    /** Those that the page moved. */
    readonly links: readonly RecordLink[];
  },
): Promise<void> {
  const moved = new Set(links.map(({ erpKey }) => erpKey));
  const told = leftOut.filter(({ erpKey }) => erpKey === null || !(held.has(erpKey) || moved.has(erpKey)));
  if (told.length === 0) return;
  if (snapshot.from === 'erp') {
    const keys = new Set(told.map(({ erpKey }) => erpKey));
    const records = snapshot.erp.filter(({ key }) => keys.has(key));
    const revisions = new Map(records.map(({ key, record }) => [key, syncRevisionOf(kind, record)]));
    t.sideRecords.told(connectionId, kind, 'erp', revisions, now);
    return;
  }
  const ids = new Set(told.map(({ recordId }) => recordId));
  const records = snapshot.procore.filter(({ key }) => ids.has(recordIdOf(kind, key)));
  // One without a partner is kept as such.
  const linked = await t.links.byProcoreIds(
    connectionId,
    kind,
    records.map(({ key }) => Number(key)),
  );
  const isLinked = new Set(
    linked.flatMap(({ state, procoreId }) => (state === 'linked' ? [String(procoreId)] : [])),
  );
  const revisions = new Map(
    records.flatMap((record) =>
      isLinked.has(record.key) ? [[record.key, procoreRevisionOf(record)] as const] : [],
    ),
  );
  t.sideRecords.told(connectionId, kind, 'procore', revisions, now);
}
