import { isTiebackError } from '../../domain/base/errors';
import { erpKeyOfOriginId, recordIdOf } from '../../domain/base/identity';
import { isKind } from '../../domain/kinds';
import type { RecordLink } from '../../domain/kinds/record-link';
import { releasedRecordId } from '../../domain/plan/release';
import type { ClosedRequest } from '../../domain/request/flow';
import type { RequestRef } from '../../domain/request/id';
import type { Intent, IntentOf } from '../../domain/request/intent';
import type { ProcoreEnd } from '../../domain/request/procore-end';
import { resultOf } from '../../domain/request/procore-end';
import type { LedgerEntry } from '../../erp-adapters/contract/adapter';
import type { Repositories } from '../../store/repositories';
import type { OperationRow, SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf, keeps } from '../deps';
import { inHandOf } from '../in-hand';
import { auditEntry } from '../record/entry';
import { alreadyClosed, NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { toFailure } from '../step';
import { linksLearned } from './learn-links';

/** Runs on the ERP queue. */
export const adoptActivities = (deps: ActivityDeps) => ({
  /**
   * A request that Procore shows as closed while it is open here: our store is an older one, or somebody closed it there. Asks the ERP's ledger
   * what was written for it, takes that and the ties that Procore shows over, and closes the request as Procore did. Writes nothing to either
   * side; may be repeated. Nobody can help Tieback here, so what a person would have to mend (the set-up of the ERP) does not hold it up.
   */
  async adoptRequest(ref: RequestRef): Promise<{ readonly kind: 'closed' } & ClosedRequest> {
    const connection = connectionOf(deps, ref.connectionId);
    const { intent } = await deps.store.read('adopt.request', (t) => inHandOf(t, connection, ref));
    const inErp = intent.way === 'export' ? await ledgerOf(connection, intent) : NOTHING_IN_ERP;
    return deps.store.transaction('request.adopt', async (t) => {
      const row = await t.requests.get(ref);
      const before = await alreadyClosed(t, row);
      if (before) return { kind: 'closed' as const, ...before };
      if (row.procoreEnd === null) throw new Error(`nobody saw an end of ${ref.id} in Procore`);
      return {
        kind: 'closed' as const,
        ...(await adopt(t, { row, intent, end: row.procoreEnd }, inErp, deps.now())),
      };
    });
  },
});

/** Whether the ERP may have something of a request. */
export const isInErp = (connection: ConnectionParts, intent: Intent): boolean =>
  intent.way === 'export' && intent.records.some(({ kind }) => keeps(connection, kind));

/** What the ERP's ledger knows of the records of a request. */
export interface InErp {
  readonly heads: readonly LedgerEntry[];
  /** Why the ERP could not be asked; null: it could. */
  readonly problem: string | null;
}

export const NOTHING_IN_ERP: InErp = { heads: [], problem: null };

async function ledgerOf({ erp }: ConnectionParts, { records }: IntentOf<'export'>): Promise<InErp> {
  const heads: LedgerEntry[] = [];
  try {
    for (const { kind, procoreId } of records) {
      const head = await erp.ledger.head(kind, recordIdOf(kind, procoreId));
      if (head !== null) heads.push(head);
    }
    return { heads, problem: null };
  } catch (error) {
    if (!isTiebackError(error)) throw error;
    if (error.class === 'data' || error.class === 'config') return { heads, problem: error.message };
    throw toFailure(error);
  }
}

/** What is adopted: an open request, and how it ended in Procore. */
interface Adopted {
  readonly row: SyncRequestRow;
  readonly intent: Intent;
  readonly end: ProcoreEnd;
}

/**
 * Closes a request as Procore did, with the links and the writes that nobody here knew, each with an audit entry. Belongs into the transaction
 * that opened it. Answers how it ended and the held requests that may go on.
 */
export async function adopt(
  t: Repositories,
  { row, intent, end }: Adopted,
  { heads, problem }: InErp,
  now: string,
): Promise<ClosedRequest> {
  const written = await unknownWrites(t, row.connectionId, heads);
  await t.plans.putOperations(written.map((entry) => operationOf(row, entry)));
  const told = resultOf(end);
  const result =
    problem === null
      ? told
      : { ...told, summary: `${told.summary} What was written to the ERP is not known: ${problem}` };
  const links = [
    ...(intent.way === 'export' ? await tiedNow(t, row.connectionId, { intent, end, heads }) : []),
    ...(intent.way === 'release' ? await letGo(t, row.connectionId, { intent, end }) : []),
  ];
  const released = await recordOutcome(
    t,
    { row, plan: null, page: 0 },
    {
      ...NOTHING_HAPPENED,
      links,
      entries: [
        {
          action: 'request.adopted',
          detail: { procore: end.status, messages: end.messages, origins: end.origins },
        },
      ],
      settlesOwn: true,
      close: result,
    },
    { now, before: written.map((entry) => writtenEntry(row, entry, now)) },
  );
  return { result, released };
}

async function unknownWrites(
  t: Repositories,
  connectionId: string,
  heads: readonly LedgerEntry[],
): Promise<readonly LedgerEntry[]> {
  const known = await t.review.writesOn(
    connectionId,
    heads.map(({ recordId }) => recordId),
  );
  const keys = new Set(known.map(({ operationKey }) => operationKey));
  return heads.filter(({ operationKey }) => !keys.has(operationKey));
}

/** The ledger knows neither action nor values: what the record is now is read when it is needed. */
const operationOf = (
  { connectionId, id }: SyncRequestRow,
  { operationKey, planHash, generation, recordId, erpKey, writtenAt }: LedgerEntry,
): OperationRow => ({
  connectionId,
  requestId: id,
  operationKey,
  planHash,
  side: 'erp',
  action: generation === 1 ? 'create' : 'update',
  recordId,
  erpKey,
  state: 'written',
  reason: "Found in the ERP's ledger.",
  record: null,
  at: writtenAt,
});

const writtenEntry = (row: SyncRequestRow, entry: LedgerEntry, now: string) => {
  const { operationKey, planHash, recordId, erpKey, targetRevision, generation, writtenAt } = entry;
  return auditEntry(row, now, 'operation.adopted', {
    subject: recordId,
    planHash,
    detail: { operation: operationKey, erpKey, replayed: true, targetRevision, generation, writtenAt },
  });
};

/** Links of what Procore shows as tied; where it does not say, of what a good end wrote to the ERP. */
async function tiedNow(
  t: Repositories,
  connectionId: string,
  {
    intent,
    end,
    heads,
  }: {
    readonly intent: IntentOf<'export'>;
    readonly end: ProcoreEnd;
    readonly heads: readonly LedgerEntry[];
  },
): Promise<readonly RecordLink[]> {
  const found = intent.records.flatMap(({ kind, procoreId, projectId }) => {
    const recordId = recordIdOf(kind, procoreId);
    const head = heads.find((entry) => entry.recordId === recordId);
    const originId = end.origins?.find((one) => one.recordId === recordId)?.originId ?? null;
    const shown = originId === null ? null : erpKeyOfOriginId(kind, originId);
    const erpKey = end.origins === null && end.status === 'success' ? (head?.erpKey ?? null) : shown;
    if (erpKey === null) return [];
    const generation = head?.erpKey === erpKey ? head.generation : 0;
    return [{ kind, erpKey, procoreId, projectId, generation }];
  });
  return linksLearned(t, connectionId, found);
}

/** Links of what Procore let go of: a record that is tied again by now keeps its link. */
async function letGo(
  t: Repositories,
  connectionId: string,
  { intent, end }: { readonly intent: IntentOf<'release'>; readonly end: ProcoreEnd },
): Promise<readonly RecordLink[]> {
  if (end.status !== 'success') return [];
  const links: RecordLink[] = [];
  for (const item of intent.items) {
    const tie = end.origins?.find(({ recordId }) => recordId === releasedRecordId(item));
    if (tie?.originId !== null || !isKind(item.target)) continue;
    const known = await t.links.byProcoreIds(connectionId, item.target, [item.procoreId]);
    for (const link of known.filter(({ state }) => state === 'linked'))
      links.push({ ...link, state: 'unlinked', generation: link.generation + 1 });
  }
  return links;
}
