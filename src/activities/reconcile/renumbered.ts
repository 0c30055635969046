import { nameKeyOf } from '../../domain/kinds/likeness';
import type { KnownRecord } from '../../domain/kinds/record';
import type { ReconcileLook } from '../../domain/request/flow';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { capabilityOf } from '../deps';

/**
 * Marks records of the ERP without a link that have the name of a linked one which is not there any more: an ERP whose number is its key shows a new number
 * as a deletion and a birth. The ERP is asked only where there is such a name. What a person said about a pair stands.
 */
export async function withFormerKeys(
  deps: Pick<ActivityDeps, 'store'>,
  connection: ConnectionParts,
  { connectionId, kind }: ReconcileLook,
  records: readonly KnownRecord[],
  isLinked: (erpKey: string) => boolean,
): Promise<readonly KnownRecord[]> {
  const names = new Map<string, string>();
  for (const { key, state, outside, record } of records) {
    if (state !== 'active' || outside === true || isLinked(key)) continue;
    const name = nameKeyOf(record);
    if (name !== null) names.set(key, name);
  }
  if (names.size === 0) return records;
  const { linked, rejected } = await deps.store.read('reconcile.namesakes', async (t) => {
    const found = await t.links.namesakes(connectionId, kind, [...new Set(names.values())]);
    return {
      linked: found,
      rejected: found.length === 0 ? [] : await t.linkRejections.ofKind(connectionId, kind),
    };
  });
  if (linked.length === 0) return records;
  const there = await capabilityOf(connection, kind).read(linked.map(({ erpKey }) => erpKey));
  const present = new Set(there.map(({ key }) => key));
  const gone = linked.filter(({ erpKey }) => !present.has(erpKey));
  return records.map((known) => {
    const name = names.get(known.key);
    const isTwo = (procoreId: number | null): boolean =>
      rejected.some((pair) => pair.erpKey === known.key && pair.procoreId === procoreId);
    const former = gone.find(({ nameKey, procoreId }) => nameKey === name && !isTwo(procoreId));
    if (former === undefined || former.procoreId === null) return known;
    return { ...known, formerly: { erpKey: former.erpKey, procoreId: former.procoreId } };
  });
}
