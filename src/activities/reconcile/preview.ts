import type { Plan } from '../../domain/plan/plan';
import type { ReconcileSnapshot } from '../../domain/plan/snapshot';
import type { SideName } from '../../domain/reconcile/side-record';
import type { ReconciledKind } from '../../domain/request/id';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { capabilityOf, keeps } from '../deps';
import { shownChoices } from './choices';
import { columnsOf, erpPages, mappingNews, PREVIEW, procorePages } from './look';
import { Together } from '../way';
import { erpKeysOf, linksOfPage, otherSidesOf, planOfPage } from '.';

/** A page of what a reconcile would do. */
export interface Previewed {
  readonly from: SideName;
  readonly read: number;
  readonly plan: Plan | null;
}

/** What a reconcile would do now, page by page: both sides are read, and nothing is written anywhere. Throws what the sides throw. */
export async function* previewReconcile(
  deps: Pick<ActivityDeps, 'store' | 'now'>,
  connection: ConnectionParts,
  { kind, full }: { readonly kind: ReconciledKind; readonly full: boolean },
): AsyncGenerator<Previewed> {
  if (!keeps(connection, kind)) return;
  const look = { connectionId: connection.id, kind, name: PREVIEW, full };
  const listId = await deps.store.read('preview.list', async (t) => {
    const row = await t.connections.find(connection.id);
    return row?.standardCostCodeListId ?? null;
  });
  const known = await deps.store.read('preview.known', (t) => t.links.countLinked(connection.id, kind));
  const of = { listId, known };
  const columns = await columnsOf(connection, kind);
  const news = await deps.store.read('preview.mapping', (t) => mappingNews(t, connection, kind));
  const together = new Together();
  const sides = [
    ['procore', procorePages(deps, connection, look)],
    ['erp', erpPages(deps, connection, look)],
  ] as const;
  for (const [from, portions] of sides) {
    for await (const { read, erp, procore } of portions) {
      if (erp.length + procore.length === 0) {
        yield { from, read, plan: null };
        continue;
      }
      const snapshot: ReconcileSnapshot = {
        way: 'reconcile',
        from,
        erp,
        procore,
        whole: true,
        columns,
        ...(news && { rebased: news.rebased }),
      };
      const links = await deps.store.read('preview.links', (t) =>
        linksOfPage(t, connection.id, kind, snapshot),
      );
      const whole: ReconcileSnapshot =
        from === 'erp'
          ? {
              ...snapshot,
              procore: (await otherSidesOf(connection, kind, [{ snapshot, links }], of))[0] ?? [],
            }
          : { ...snapshot, erp: await capabilityOf(connection, kind).read(erpKeysOf(kind, snapshot, links)) };
      const plan = await deps.store.read('preview.plan', (t) =>
        planOfPage(t, connection, { kind, listId }, whole, shownChoices, together),
      );
      yield { from, read, plan };
    }
  }
}
