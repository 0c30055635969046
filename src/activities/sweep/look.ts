import type { Kind } from '../../domain/kinds';
import { definitionOf } from '../../domain/kinds';
import type { ProcoreId } from '../../domain/kinds/record';
import { SWEPT_STATES } from '../../domain/reconcile/missing';
import { untoldIn } from '../../domain/reconcile/untold';
import { GONE, DOUBTED, MISSED } from '../../domain/request/exception';
import type { ErpRecord, KindCapability } from '../../erp-adapters/contract/adapter';
import type { Repositories } from '../../store/repositories';
import type { StepStore } from '../store-steps';
import { linksFor } from '../sync';

/** What our store says of one kind before the ERP is asked. */
export interface Known {
  /** ERP keys of the links whose record must be there. */
  readonly linked: ReadonlySet<string>;
  /** Where the feed stands; null: no sync has run, or there is none, so there is nothing that the feed could have missed. */
  readonly cursor: string | null;
  /** Keys that a sync takes up again anyway. */
  readonly parked: ReadonlySet<string>;
  /** When each missing record was told, by its key. */
  readonly goneSince: ReadonlyMap<string, string>;
  /** Exceptions of the sweep are open: there may be something to close. */
  readonly hasOpen: boolean;
  /** Of standard cost codes: the list of the ERP connection. */
  readonly listId: ProcoreId | null;
}

/** What a complete sweep saw. Keys only: of the records it holds one page at a time. */
export interface Seen {
  readonly listed: number;
  /** Keys of links that are not in the ERP: not listed, and not there when they were asked for. */
  readonly missing: readonly string[];
  /** Keys of records that differ from what was last carried, and that the feed will not tell. */
  readonly missed: readonly string[];
}

/** Causes of what a sweep opens. */
export const OF_SWEEP = [GONE, DOUBTED, MISSED] as const;

/** Whether an exception was opened by a sweep. */
const isOfSweep = ({ cause }: { readonly cause: string }): boolean =>
  (OF_SWEEP as readonly string[]).includes(cause);

export async function knownOf(t: Repositories, connectionId: string, kind: Kind): Promise<Known> {
  const [linked, checkpoint, open, connection] = await Promise.all([
    t.links.erpKeys(connectionId, kind, SWEPT_STATES),
    t.checkpoints.get(connectionId, kind),
    t.exceptions.listOpen(connectionId, kind),
    t.connections.find(connectionId),
  ]);
  const keyed = open.flatMap(({ erpKey, ...row }) => (erpKey === null ? [] : [{ ...row, erpKey }]));
  const listId = connection?.standardCostCodeListId ?? null;
  const isSynced = definitionOf(kind).import !== undefined;
  return {
    linked: new Set(linked),
    cursor: isSynced ? (checkpoint?.cursor ?? null) : null,
    parked: new Set(keyed.filter((row) => !isOfSweep(row)).map(({ erpKey }) => erpKey)),
    goneSince: new Map(
      keyed.filter(({ cause }) => cause === GONE).map(({ erpKey, openedAt }) => [erpKey, openedAt]),
    ),
    hasOpen: open.some(isOfSweep),
    listId,
  };
}

/** Everything about one kind that both the ERP and our store are asked. */
export interface Looking {
  readonly store: StepStore;
  readonly connectionId: string;
  readonly kind: Kind;
  readonly capability: KindCapability;
  readonly pageSize: number;
}

/** Reads all of a kind. Whatever fails in the middle fails the whole: a part of a list proves nothing. */
export async function sweepOver(looking: Looking, known: Known): Promise<Seen> {
  const { capability, pageSize } = looking;
  const unseen = new Set(known.linked);
  const suspects = new Set<string>();
  let listed = 0;
  for await (const { keys, records } of pagesOf(looking, known.cursor !== null)) {
    listed += keys.length;
    for (const key of keys) unseen.delete(key);
    for (const key of await untold(looking, known, records)) suspects.add(key);
  }
  // What came, or moved to another page, while the list was read is there when it is asked for.
  for (const keys of chunks([...unseen], pageSize))
    for (const { key } of await capability.read(keys)) unseen.delete(key);
  return { listed, missing: [...unseen], missed: await notTold(looking, known, suspects) };
}

interface Page {
  readonly keys: readonly string[];
  /** Empty where nobody wants to see them. */
  readonly records: readonly ErpRecord[];
}

async function* pagesOf({ capability, pageSize }: Looking, withRecords: boolean): AsyncGenerator<Page> {
  if (capability.keys === undefined) {
    for await (const { records } of capability.readChanged(null, pageSize))
      yield { keys: records.map(({ key }) => key), records: withRecords ? records : [] };
    return;
  }
  for await (const keys of capability.keys(pageSize))
    yield { keys, records: withRecords ? await capability.read(keys) : [] };
}

/** Of these records, those that a sync would carry and that nobody has parked. */
async function untold(
  { store, connectionId, kind }: Looking,
  { parked, listId }: Known,
  records: readonly ErpRecord[],
): Promise<readonly string[]> {
  if (records.length === 0) return [];
  const links = await store.read('sweep.links', (t) => linksFor(t, connectionId, kind, records));
  return untoldIn({ connectionId, kind, records, links, listId }).filter((key) => !parked.has(key));
}

/** Of the suspects, those that the feed does not tell from where it stands, and that still differ once it was asked. */
async function notTold(looking: Looking, known: Known, suspects: Set<string>): Promise<readonly string[]> {
  const { capability, pageSize } = looking;
  if (suspects.size === 0 || known.cursor === null) return [];
  for await (const { records } of capability.readChanged(known.cursor, pageSize)) {
    for (const { key } of records) suspects.delete(key);
    if (suspects.size === 0) return [];
  }
  const missed: string[] = [];
  // A sync may have carried some of them meanwhile.
  for (const keys of chunks([...suspects], pageSize))
    missed.push(...(await untold(looking, known, await capability.read(keys))));
  return missed;
}

export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
