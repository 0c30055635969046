import { isTiebackError } from '../../domain/base/errors';
import { erpKeyOfOriginId, recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import { isKind } from '../../domain/kinds';
import type { ShownTie } from '../../domain/plan/links-shown';
import type { ClosedRequest } from '../../domain/request/flow';
import type { RequestRef } from '../../domain/request/id';
import type { Intent, IntentOf } from '../../domain/request/intent';
import type { ProcoreEnd } from '../../domain/request/procore-end';
import { resultOf, tiedBy } from '../../domain/request/procore-end';
import type { LedgerEntry } from '../../erp-adapters/contract/adapter';
import type { Repositories } from '../../store/repositories';
import type { OperationRow, SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf, keeps } from '../deps';
import { inHandOf } from '../in-hand';
import { sealedEnd } from '../record/ended';
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
    const { intent, row: known } = await deps.store.read('adopt.request', (t) =>
      inHandOf(t, connection, ref),
    );
    const inErp =
      intent.way === 'export' ? await lookInErp(connection, intent, known.procoreEnd) : NOTHING_IN_ERP;
    return deps.store.transaction('request.adopt', ref.connectionId, async (t) => {
      const row = await t.requests.get(ref);
      const before = await alreadyClosed(t, row);
      if (before) return { kind: 'closed' as const, ...before };
      const end = await sealedEnd(t, row, deps.now());
      if (end === null) throw new Error(`nobody saw an end of ${ref.id} in Procore`);
      return {
        kind: 'closed' as const,
        ...(await adopt(t, { row, intent, end }, inErp, deps.now())),
      };
    });
  },
});

/** Whether the ERP may have something of a request. */
export const isInErp = (connection: ConnectionParts, intent: Intent): boolean =>
  intent.way === 'export' && intent.records.some(({ kind }) => keeps(connection, kind));

/** What the ERP's ledger knows of the records of a request. */
export interface InErp {
  /** By record and generation; those of earlier and later requests about a record are among them, and go to the one that is adopted first. */
  readonly entries: readonly LedgerEntry[];
  /** Records that Procore shows as tied and the ERP does not have, as `kind key`: it may be the older one, and give the key to another record. */
  readonly missing: readonly string[];
  /** Why the ERP could not be asked; null: it could. */
  readonly problem: string | null;
}

export const NOTHING_IN_ERP: InErp = { entries: [], missing: [], problem: null };

async function lookInErp(
  { erp }: ConnectionParts,
  { records }: IntentOf<'export'>,
  end: ProcoreEnd | null,
): Promise<InErp> {
  const entries: LedgerEntry[] = [];
  const missing: string[] = [];
  try {
    for (const { kind, procoreId } of records) {
      const recordId = recordIdOf(kind, procoreId);
      const key = tiedKey(end, kind, recordId);
      if (key !== null && (await erp.kinds[kind]?.read([key]))?.length === 0) missing.push(nameOf(kind, key));
      const head = await erp.ledger.head(kind, recordId);
      if (head === null) continue;
      entries.push(...((await erp.ledger.ofRecord?.(kind, recordId)) ?? [head]));
    }
    return { entries, missing, problem: null };
  } catch (error) {
    if (!isTiebackError(error)) throw error;
    if (error.class === 'data' || error.class === 'config')
      return { entries, missing, problem: error.message };
    throw toFailure(error);
  }
}

const nameOf = (kind: Kind, erpKey: string): string => `${kind} ${erpKey}`;

/** The ERP record to which Procore ties one; null: none, or that is not known. */
function tiedKey(end: ProcoreEnd | null, kind: Kind, recordId: string): string | null {
  const originId = end?.origins?.find((one) => one.recordId === recordId)?.originId ?? null;
  return originId === null ? null : erpKeyOfOriginId(kind, originId);
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
  inErp: InErp,
  now: string,
): Promise<ClosedRequest> {
  const { entries } = inErp;
  const written = await unknownWrites(t, row.connectionId, entries);
  await t.plans.putOperations(written.map((entry) => operationOf(row, entry)));
  const told = resultOf(end);
  const result = { ...told, summary: [told.summary, ...remarksOn(inErp)].join(' ') };
  const ties = tiesOf({ intent, end }, inErp);
  const links = await linksLearned(t, row.connectionId, ties, letsGo({ intent, end }));
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

const remarksOn = ({ missing, problem }: InErp): readonly string[] => [
  ...missing.map((name) => `Procore ties it to ${name}, which the ERP does not have: unlink it there.`),
  ...(problem === null ? [] : [`What was written to the ERP is not known: ${problem}`]),
];

async function unknownWrites(
  t: Repositories,
  connectionId: string,
  entries: readonly LedgerEntry[],
): Promise<readonly LedgerEntry[]> {
  const recordIds = [...new Set(entries.map(({ recordId }) => recordId))];
  const known = await t.review.writesOn(connectionId, recordIds);
  const keys = new Set(known.map(({ operationKey }) => operationKey));
  return entries.filter(({ operationKey }) => !keys.has(operationKey));
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

/** What ties the records of a request now, as Procore shows it; where it does not say, what a good end wrote to the ERP. */
function tiesOf({ intent, end }: Omit<Adopted, 'row'>, { entries, missing }: InErp): readonly ShownTie[] {
  return tiedBy(intent).flatMap(({ recordId, procoreId }): ShownTie[] => {
    const [kind = ''] = recordId.split('/');
    if (!isKind(kind)) return [];
    const head = entries.findLast((entry) => entry.recordId === recordId);
    const draft =
      intent.way === 'export' ? intent.records.find((one) => one.procoreId === procoreId) : undefined;
    const projectId = draft?.projectId ?? null;
    const more = projectId === null ? {} : { projectId };
    if (end.origins === null) {
      const isWritten = end.status === 'success' && head !== undefined;
      return isWritten
        ? [{ kind, procoreId, erpKey: head.erpKey, generation: head.generation, ...more }]
        : [];
    }
    const erpKey = tiedKey(end, kind, recordId);
    if (erpKey !== null && missing.includes(nameOf(kind, erpKey))) return [];
    const generation = head !== undefined && head.erpKey === erpKey ? head.generation : 0;
    return [{ kind, procoreId, erpKey, generation, ...more }];
  });
}

/** Who asked to be let go, and was, is: what an export does not show any more may come with a later request. */
const letsGo = ({ intent, end }: Omit<Adopted, 'row'>): boolean =>
  intent.way === 'links' || (intent.way === 'release' && end.status === 'success');
