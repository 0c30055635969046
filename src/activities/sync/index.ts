import type { Kind } from '../../domain/kinds';
import { definitionOf, isKind } from '../../domain/kinds';
import type { KnownRecord } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import { linkOf } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import type { SyncSnapshot } from '../../domain/plan/snapshot';
import { planSync } from '../../domain/plan/sync';
import type { Repositories } from '../../store/repositories';
import type { ConnectionParts } from '../deps';
import { capabilityOf } from '../deps';
import { GONE, WAITS } from '../../domain/request/exception';
import type { OperationResult, Outcome, Problem } from '../record/outcome';
import { NOTHING_HAPPENED } from '../record/outcome';
import type { Sent } from '../send';
import type { WaySteps } from '../way';
import { reading } from '../way';

/** Where the next page begins. */
interface PagePlace {
  readonly kind: Kind;
  readonly from: string | null;
  /** Keys of records that could not be carried before. */
  readonly parked: readonly string[];
}

/** ERP → Procore, page by page. The first page starts at the checkpoint and takes up again what could not be carried before. */
export const syncWay: WaySteps<'sync'> = {
  way: 'sync',
  needsSnapshot: () => true,
  finishesInStore: true,

  readErp: reading(
    'sync',
    async (t, { connection, row, intent }, page): Promise<PagePlace> => {
      const { kind } = intent;
      if (page > 0) {
        const before = (await t.plans.snapshot({ ...row, page: page - 1 }))?.body;
        return { kind, from: before?.way === 'sync' ? before.to : null, parked: [] };
      }
      const [checkpoint, open] = await Promise.all([
        t.checkpoints.get(connection.id, kind),
        t.exceptions.listOpen(connection.id, kind),
      ]);
      // What a sweep found to be gone is read by nobody until it is there again: then the feed tells it.
      const parked = open.flatMap(({ erpKey, cause }) => (erpKey === null || cause === GONE ? [] : [erpKey]));
      return { kind, from: checkpoint?.cursor ?? null, parked: [...new Set(parked)] };
    },
    readPage,
  ),

  async plan(t, { connection, intent }, { records }) {
    const { kind, listId } = intent;
    const links = await linksFor(t, connection.id, kind, records);
    return { kind: 'plan', plan: planSync({ connectionId: connection.id, kind, records, links, listId }) };
  },

  asks: (t, { connection, intent }) => [t.exceptions.listOpen(connection.id, intent.kind)],

  async outcome(_, { connection, intent }, { approved, sent, snapshot }) {
    const { plan, page } = approved;
    const { kind } = intent;
    const results = plan.operations.map((operation): OperationResult => {
      const words = sent.refused.get(operation.operationKey);
      return {
        operation,
        state: words ? 'refused' : 'confirmed',
        erpKey: operation.erpKey,
        reason: words ? `${operation.target}: ${words.join('; ')}` : null,
        record: 'record' in operation ? operation.record : null,
      };
    });
    const refused = results.filter(({ state }) => state === 'refused').length;
    const isIdle = results.length === 0 && plan.leftOut.length === 0;
    const detail = { page, written: results.length - refused, refused, leftOut: plan.leftOut.length };
    const subject = `${definitionOf(kind).plural} of ${connection.id}`;
    return {
      ...NOTHING_HAPPENED,
      results,
      links: results.flatMap((result) => linkAfter(result, sent)),
      linksTold: 'page',
      problems: problemsOf(plan, results),
      ...settled(kind, snapshot, plan, results),
      ...(isIdle ? {} : { entries: [{ action: 'operation.written' as const, subject, detail }] }),
      dropsBefore: page,
    };
  },
};

async function readPage(
  connection: ConnectionParts,
  { kind, from, parked }: PagePlace,
): Promise<SyncSnapshot> {
  const { pageSize } = connection;
  const capability = capabilityOf(connection, kind);
  const again = parked.length === 0 ? [] : await capability.read(parked);
  for await (const { records, cursor } of capability.readChanged(from, pageSize)) {
    // Parked records come first: when the page holds one too, it is the newer reading.
    const last = records.length < pageSize;
    return { way: 'sync', from, to: cursor, records: [...again, ...records], retried: parked, last };
  }
  return { way: 'sync', from, to: from, records: again, retried: parked, last: true };
}

/** Links of the records and of what their headers refer to. */
export async function linksFor(
  t: Repositories,
  connectionId: string,
  kind: Kind,
  records: readonly KnownRecord[],
): Promise<readonly RecordLink[]> {
  const keys = new Map<Kind, Set<string>>([[kind, new Set(records.map(({ key }) => key))]]);
  for (const [field, { refersTo }] of Object.entries(definitionOf(kind).fields)) {
    if (refersTo === undefined || !isKind(refersTo)) continue;
    const wanted = keys.get(refersTo) ?? new Set();
    for (const { record } of records) {
      const key = record.fields[field];
      if (typeof key === 'string') wanted.add(key);
    }
    keys.set(refersTo, wanted);
  }
  const links = [...keys].map(([target, wanted]) => t.links.byErpKeys(connectionId, target, [...wanted]));
  return (await Promise.all(links)).flat();
}

function linkAfter({ operation, state }: OperationResult, { ids }: Sent): readonly RecordLink[] {
  const link = linkOf(operation);
  if (link === null || state === 'refused') return [];
  const procoreId = link.procoreId ?? (link.state === 'linked' ? (ids.get(link.erpKey) ?? null) : null);
  return [{ ...link, procoreId }];
}

const problemsOf = (plan: Plan, results: readonly OperationResult[]): readonly Problem[] => [
  ...results.flatMap(({ operation: { recordId }, erpKey, reason }) =>
    reason === null ? [] : [{ recordId, erpKey, reason, cause: 'procore' }],
  ),
  ...plan.leftOut.map(({ recordId, erpKey, reason, waits }) => ({
    recordId,
    erpKey,
    reason: waits === true ? reason : `${erpKey ?? recordId}: ${reason}`,
    cause: waits === true ? WAITS : 'data',
  })),
];

/** What needed no write, was written, or is gone from the ERP needs nobody any more, and the reader has come this far. */
function settled(
  kind: Kind,
  snapshot: SyncSnapshot | null,
  plan: Plan,
  results: readonly OperationResult[],
): Pick<Outcome, 'fine' | 'checkpoint'> {
  if (snapshot === null) return {};
  const { from, to, records, retried } = snapshot;
  const failing = new Set([
    ...plan.leftOut.map(({ erpKey }) => erpKey),
    ...results.flatMap(({ state, erpKey }) => (state === 'refused' ? [erpKey] : [])),
  ]);
  const keys = new Set([...retried, ...records.map(({ key }) => key)]);
  return {
    fine: { kind, erpKeys: [...keys].filter((key) => !failing.has(key)) },
    checkpoint: { reader: kind, from, to },
  };
}
