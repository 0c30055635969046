import type { AuditEntry } from '../../domain/audit/chain';
import { recordIdOf } from '../../domain/base/identity';
import type { CanonicalRecord, KnownRecord } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Operation } from '../../domain/plan/operation';
import { syncRevisionOf, withIds } from '../../domain/plan/sync';
import { REJECTED } from '../../domain/request/exception';
import {
  contradictionWords,
  rejectedWords,
  rejectionReason,
  unknownRejectedWords,
} from '../../domain/request/late-rejection';
import { isFinal } from '../../domain/request/status';
import type { LateOutcome } from '../../erp-adapters/contract/adapter';
import type { Repositories } from '../../store/repositories';
import type { OperationRow, SyncRequestRow } from '../../store/rows';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { connectionOf } from '../deps';
import { NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { asFailure } from '../step';

/** Reader name of the checkpoint that says how far the ERP's later answers were taken in. */
const READER = 'outcomes';
const PAGE = 100;
/** So many pages a round; the next one goes on. */
const MOST_PAGES = 50;
/** Where no request is known that an exception could belong to. */
const NO_REQUEST = '-';

/** Runs on the ERP queue. */
export const outcomeActivities = (deps: ActivityDeps) => ({
  /**
   * Takes in what the ERP decided later about operations that it had accepted: each page in one transaction with its checkpoint. A rejection becomes an
   * exception; every answer is in the audit log. Answers how many were read. Safe to repeat from any place.
   */
  async learnOutcomes({ connectionId }: { connectionId: string }): Promise<{ learned: number }> {
    const connection = connectionOf(deps, connectionId);
    let from = await deps.store.read('outcomes.from', async (t) => placeOf(t, connectionId));
    let learned = 0;
    return asFailure(async () => {
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const { outcomes = [], cursor = null } = (await connection.erp.outcomes?.(from, PAGE)) ?? {};
        if (outcomes.length === 0 || cursor === null) break;
        const looked: Looked[] = [];
        for (const outcome of outcomes) looked.push(await lookAt(connection, outcome));
        const isOurs = await takeIn(deps, connectionId, looked, { from, to: cursor });
        if (!isOurs) break;
        learned += outcomes.length;
        from = cursor;
      }
      return { learned };
    });
  },
});

const placeOf = async (t: Repositories, connectionId: string): Promise<string | null> =>
  (await t.checkpoints.get(connectionId, READER))?.cursor ?? null;

/** An outcome, and for a rejection how the ERP stands now. */
interface Looked {
  readonly outcome: LateOutcome;
  /** The record as the ERP holds it; null: it does not have it, or nobody needs to know. */
  readonly held: KnownRecord | null;
  /** Something was written for this record afterwards. */
  readonly isOlder: boolean;
  /** Plan that the ERP's ledger names; null: it does not know the operation. */
  readonly planHash: string | null;
}

async function lookAt({ erp }: ConnectionParts, outcome: LateOutcome): Promise<Looked> {
  const { kind, recordId, generation, erpKey, operationKey } = outcome;
  if (outcome.outcome === 'taken') return { outcome, held: null, isOlder: false, planHash: null };
  const [found] = erpKey === null ? [] : ((await erp.kinds[kind]?.read([erpKey])) ?? []);
  const head = await erp.ledger.head(kind, recordId);
  const [entry] = await erp.ledger.find([operationKey]);
  return {
    outcome,
    held: found === undefined || found.state === 'void' ? null : found,
    isOlder: head !== null && head.generation > generation,
    planHash: entry?.planHash ?? null,
  };
}

/** False: another reader was faster, and nothing was written. */
async function takeIn(
  deps: ActivityDeps,
  connectionId: string,
  looked: readonly Looked[],
  { from, to }: { readonly from: string | null; readonly to: string },
): Promise<boolean> {
  return deps.store.transaction('intake.outcomes', connectionId, async (t) => {
    if ((await placeOf(t, connectionId)) !== from) return false;
    const now = deps.now();
    const rows = await t.plans.erpOperations(
      connectionId,
      looked.map(({ outcome }) => outcome),
    );
    const ofOperation = new Map(rows.map((row) => [row.operationKey, row]));
    const requestIds = [...new Set(rows.map(({ requestId }) => requestId))];
    const told = await t.review.entries(connectionId, requestIds, ['operation.taken', 'operation.refused']);
    const isTold = ({ outcome }: Looked, { requestId }: OperationRow): boolean =>
      (told.get(requestId) ?? []).some(({ detail }) => isAbout(detail, outcome));
    for (const one of looked) {
      const row = ofOperation.get(one.outcome.operationKey);
      if (row === undefined) await noteUnknown(t, connectionId, one, now);
      else if (!isTold(one, row)) await note(t, one, row, now);
    }
    await t.checkpoints.move(connectionId, READER, { from, to }, now);
    return true;
  });
}

const detailOf = (
  { outcome, isOlder }: Looked,
  more: Readonly<Record<string, unknown>> = {},
): AuditEntry['detail'] => {
  const { operationKey: operation, erpKey, generation, at: answeredAt, words, contradiction } = outcome;
  return {
    operation,
    erpKey,
    generation,
    answeredAt,
    words,
    contradiction,
    ...(isOlder ? { isOlder } : {}),
    ...more,
  };
};

/** Two answers may have come in one millisecond. */
const isAbout = (detail: AuditEntry['detail'], { operationKey, at, contradiction }: LateOutcome): boolean =>
  detail['operation'] === operationKey &&
  detail['answeredAt'] === at &&
  detail['contradiction'] === contradiction;

/** Of an operation that our store knows. */
async function note(t: Repositories, looked: Looked, operation: OperationRow, now: string): Promise<void> {
  const { outcome, held, isOlder } = looked;
  const { recordId, words, contradiction } = outcome;
  const row = await t.requests.get({ connectionId: operation.connectionId, id: operation.requestId });
  const record = async (
    action: 'operation.taken' | 'operation.refused',
    more: {
      readonly problem?: ReturnType<typeof rejectedWords>;
      readonly links?: readonly RecordLink[];
    } = {},
  ): Promise<void> => {
    const { problem, links = [] } = more;
    const problems = problem === undefined ? [] : [{ recordId, erpKey: null, cause: REJECTED, ...problem }];
    const entries = [{ action, subject: recordId, detail: detailOf(looked) }];
    await recordOutcome(t, aboutOf(row), { ...NOTHING_HAPPENED, problems, links, entries }, { now });
  };
  if (contradiction !== null)
    return record(`operation.${outcome.outcome === 'taken' ? 'taken' : 'refused'}`, {
      problem: contradictionWords(contradiction, words),
    });
  if (outcome.outcome === 'taken') return record('operation.taken');
  // Its workflow heard it first, and has told a person.
  if (operation.state !== 'written' && operation.state !== 'confirmed') return;
  await t.plans.noteRejected(operation, rejectionReason(words));
  // What was written afterwards decides what the ERP has, and of what was let go nobody says that it is there.
  if ((isOlder && held !== null) || (await isLetGo(t, row, outcome))) return record('operation.refused');
  const links = held === null ? [] : await asTheErpHolds(t, operation.connectionId, outcome, held.record);
  const problem = rejectedWords(outcome, { isThere: held !== null, isOpen: !isFinal(row.status) });
  // Who looks after a parked request sees it there.
  await record('operation.refused', row.status === 'parked' ? { links } : { problem, links });
}

/** Unlinked since its request was closed. */
async function isLetGo(
  t: Repositories,
  { connectionId, status }: SyncRequestRow,
  { kind, recordId, erpKey }: LateOutcome,
): Promise<boolean> {
  if (!isFinal(status) || erpKey === null) return false;
  const [link] = await t.links.byErpKeys(connectionId, kind, [erpKey]);
  return link?.state === 'unlinked' && recordIdOf(kind, link.procoreId ?? '') === recordId;
}

const aboutOf = (row: SyncRequestRow) => ({ row, plan: null, page: 0 });

/** The ERP's shadow holds what was handed over: a sync would take the old values for a change that somebody made in the ERP, and carry them to Procore. */
async function asTheErpHolds(
  t: Repositories,
  connectionId: string,
  { kind, erpKey }: LateOutcome,
  record: CanonicalRecord,
): Promise<readonly RecordLink[]> {
  const [link] = erpKey === null ? [] : await t.links.byErpKeys(connectionId, kind, [erpKey]);
  if (link?.state !== 'linked') return [];
  const erp = withIds(record, link.erp);
  return [{ ...link, generation: link.generation + 1, erp, erpRevision: syncRevisionOf(kind, record) }];
}

/** Written to the ERP, and not recorded yet: its workflow finds it rejected, and tells Procore or a person. */
async function noteOnItsWay(
  t: Repositories,
  {
    operation: { action },
    ...of
  }: {
    readonly connectionId: string;
    readonly requestId: string;
    readonly planHash: string;
    readonly operation: Operation;
  },
  looked: Looked,
  now: string,
): Promise<void> {
  const { operationKey, recordId, erpKey, words } = looked.outcome;
  const reason = rejectionReason(words);
  const rejected = {
    operationKey,
    side: 'erp',
    action,
    recordId,
    erpKey,
    state: 'rejected',
    reason,
  } as const;
  await t.plans.putOperations([{ ...of, ...rejected, record: null, at: now }]);
  const row = await t.requests.get({ connectionId: of.connectionId, id: of.requestId });
  const entries = [{ action: 'operation.refused' as const, subject: recordId, detail: detailOf(looked) }];
  await recordOutcome(t, aboutOf(row), { ...NOTHING_HAPPENED, entries }, { now });
}

/** Of an operation that our store has no row of. */
async function noteUnknown(
  t: Repositories,
  connectionId: string,
  looked: Looked,
  now: string,
): Promise<void> {
  const { outcome, held, isOlder, planHash } = looked;
  const { operationKey, recordId } = outcome;
  if (outcome.outcome === 'taken') return;
  const planned = planHash === null ? null : await t.review.plannedBy(connectionId, planHash, operationKey);
  if (planned !== null && planHash !== null)
    return noteOnItsWay(t, { connectionId, planHash, ...planned }, looked, now);
  const about = { subject: recordId, action: 'operation.refused' } as const;
  const told = await t.audit.sealedAbout(connectionId, about);
  if (told.some(({ detail }) => isAbout(detail, outcome))) return;
  const base = { ...about, at: now, actor: 'tieback', requestId: null, planHash, workflowId: null };
  const entries: AuditEntry[] = [{ ...base, detail: detailOf(looked, { isUnknown: true }) }];
  if (!isOlder || held === null) {
    const [known] = await t.review.writesOn(connectionId, [recordId]);
    const told = unknownRejectedWords(outcome, held !== null);
    const exception = { connectionId, recordId, erpKey: null, cause: REJECTED, ...told, openedAt: now };
    await t.exceptions.open([{ ...exception, requestId: known?.requestId ?? NO_REQUEST }]);
    const detail = { cause: REJECTED, reason: told.reason };
    entries.push({ ...base, action: 'exception.opened', detail });
  }
  await t.audit.append(connectionId, entries);
}
