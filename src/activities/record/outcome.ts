import type { AuditAction, AuditEntry } from '../../domain/audit/chain';
import { recordIdOf } from '../../domain/base/identity';
import type { Kind } from '../../domain/kinds';
import type { CanonicalRecord } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Operation } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import type { ClosedRequest, RequestResult } from '../../domain/request/flow';
import type { RequestRef } from '../../domain/request/id';
import { REJECTED } from '../../domain/request/exception';
import { workflowIdOf } from '../../domain/request/id';
import { isFinal } from '../../domain/request/status';
import type { Repositories } from '../../store/repositories';
import type { ConnectionRow, ExceptionRow, OperationRow, SyncRequestRow } from '../../store/rows';
import { auditEntry } from './entry';
import type { FoundConflicts } from './conflicts';
import { closeGoneConflicts, settleConflicts } from './conflicts';
import { wakeWaiting } from './wake';
import { learnFromResults } from './words';

/** What became of one operation. */
export interface OperationResult {
  readonly operation: Operation;
  readonly state: OperationRow['state'];
  readonly erpKey: string | null;
  /** As read back, or found there. */
  readonly record: CanonicalRecord | null;
  readonly reason: string | null;
  /** Its entry in the audit log, where it has one of its own. */
  readonly told?: { readonly action: AuditAction; readonly detail: AuditEntry['detail'] };
}

/** A record that needs somebody, or something else first. */
export type Problem = Pick<ExceptionRow, 'recordId' | 'erpKey' | 'reason' | 'cause'> &
  Partial<Pick<ExceptionRow, 'hint'>>;

/** What happened, whichever way it was worked. Everything of it is written down in one transaction, or nothing is. */
export interface Outcome {
  readonly results: readonly OperationResult[];
  /** How our links stand now. */
  readonly links: readonly RecordLink[];
  /** `page`: so many records move that the page has one entry instead of each link. */
  readonly linksTold: 'each' | 'page';
  /** Records parked; they stay until something carries them. */
  readonly problems: readonly Problem[];
  /** Refusals that end with the request: sentences by record id. */
  readonly refusals: ReadonlyMap<string, readonly string[]>;
  /** ERP records that need nobody any more. */
  readonly fine?: { readonly kind: Kind; readonly erpKeys: readonly string[] };
  /** Records that are carried or let go: what the ERP rejected of them later is settled. */
  readonly settles?: readonly string[];
  /** Fields on which both sides differ. */
  readonly conflicts?: FoundConflicts;
  /** What was parked because of this request is settled with it. */
  readonly settlesOwn: boolean;
  /** How far a reader got. */
  readonly checkpoint?: { readonly reader: string; readonly from: string | null; readonly to: string | null };
  /** The page is done, although no reader moves with it. */
  readonly finishesPage?: true;
  /** Snapshots of earlier pages are not needed any more. */
  readonly dropsBefore?: number;
  /** Audit entries about the whole; `subject` is the request where none is given. */
  readonly entries?: readonly (Pick<AuditEntry, 'action' | 'detail'> & { readonly subject?: string })[];
  readonly connection?: Partial<Pick<ConnectionRow, 'metadataRevision'>>;
  /** How the request ends; null: it goes on. */
  readonly close: RequestResult | null;
}

export const NOTHING_HAPPENED: Outcome = {
  results: [],
  links: [],
  linksTold: 'each',
  problems: [],
  refusals: new Map(),
  settlesOwn: false,
  close: null,
};

/** What an outcome is about: the request, and the plan (or the page of it) that was carried out. */
export interface About {
  readonly row: SyncRequestRow;
  /** Null: the request ends without one. */
  readonly plan: Plan | null;
  readonly page: number;
}

/** When it happened, and what led to it in the same transaction. */
export interface Recording {
  readonly now: string;
  readonly before?: readonly AuditEntry[];
}

/**
 * The one function that writes down what happened: operations, links, exceptions, checkpoint, audit, the end of the request, and who waits
 * for it. Answers the held requests that may go on. A request that is closed already is left as it is.
 */
export async function recordOutcome(
  t: Repositories,
  { row, plan, page }: About,
  outcome: Outcome,
  { now, before = [] }: Recording,
): Promise<readonly string[]> {
  const { connectionId, id } = row;
  const planHash = plan?.hash ?? null;
  const audit: AuditEntry[] = [
    ...before,
    ...(outcome.entries ?? []).map(({ action, ...more }) =>
      auditEntry(row, now, action, { ...more, planHash }),
    ),
  ];
  if (plan !== null && outcome.results.length > 0) {
    await t.plans.putOperations(outcome.results.map((result) => operationRow(row, plan.hash, result, now)));
  }
  for (const { operation, told } of outcome.results) {
    if (told)
      audit.push(
        auditEntry(row, now, told.action, { subject: operation.recordId, planHash, detail: told.detail }),
      );
  }
  const marks =
    plan !== null &&
    (outcome.close !== null || outcome.checkpoint !== undefined || outcome.finishesPage === true);
  const [moved, settled, stored, released] = await Promise.all([
    t.links.advance(connectionId, outcome.links, now),
    settleExceptions(t, row, outcome, now),
    marks ? t.plans.newest({ connectionId, id, page }) : null,
    releasedBy(t, row, outcome),
    learnFromResults(t, row, outcome.results),
  ]);
  await wakeWaiting(t, connectionId, moved, now);
  if (outcome.linksTold === 'each') {
    const moves = outcome.results.map(({ operation }) => operation);
    audit.push(...moved.map((link) => linkEntry(row, planHash, link, { now, moves })));
  }
  audit.push(...settled);
  audit.push(...(await closeGoneConflicts(t, row, moved, now)));
  if (outcome.conflicts) audit.push(...(await settleConflicts(t, row, { moved, ...outcome.conflicts }, now)));
  for (const [recordId, reasons] of outcome.refusals) {
    const more = { subject: recordId || id, planHash, detail: { reasons } };
    audit.push(auditEntry(row, now, 'operation.refused', more));
  }
  if (outcome.checkpoint?.to) {
    const { reader, from, to } = outcome.checkpoint;
    await t.checkpoints.move(connectionId, reader, { from, to }, now);
  }
  if (outcome.dropsBefore !== undefined) await t.plans.dropSnapshots(row, outcome.dropsBefore);
  if (outcome.connection) await t.connections.keepErpTool(connectionId, outcome.connection);
  if (stored !== null && stored.hash === planHash) await t.plans.setState(stored, 'applied');
  if (outcome.close) {
    await t.requests.setStatus(row, outcome.close.status, outcome.close.summary, now);
    await t.waits.end(row, now);
    audit.push(auditEntry(row, now, 'request.closed', { detail: { ...outcome.close } }));
  }
  await t.audit.append(connectionId, audit);
  return released;
}

/** Held requests that may go on with this: they wait for a record that is linked now, or for this request itself. */
async function releasedBy(
  t: Repositories,
  { connectionId, id }: RequestRef,
  { links, close }: Pick<Outcome, 'links' | 'close'>,
): Promise<readonly string[]> {
  const linked = links.flatMap(({ kind, procoreId, state }) =>
    state === 'linked' && procoreId !== null ? [recordIdOf(kind, procoreId)] : [],
  );
  if (close === null && linked.length === 0) return [];
  const waiting = await t.waits.waitingFor(connectionId, [id, ...linked]);
  return waiting.filter((other) => other !== id);
}

/**
 * How a request ended, when the step that closed it is repeated because its answer was lost; null while it is open. Ask before anything is
 * sent: Procore's users may have moved on since.
 */
export async function alreadyClosed(t: Repositories, row: SyncRequestRow): Promise<ClosedRequest | null> {
  const { status, reason } = row;
  if (!isFinal(status)) return null;
  const touched = new Set((await t.plans.operationStates(row)).map(({ recordId }) => recordId));
  const released = await t.waits.waitingFor(row.connectionId, [row.id, ...touched]);
  return { result: { status, summary: reason ?? '' }, released };
}

function operationRow(
  { connectionId, id }: RequestRef,
  planHash: string,
  { operation, state, erpKey, record, reason }: OperationResult,
  at: string,
): OperationRow {
  const { operationKey, side, action, recordId } = operation;
  return {
    connectionId,
    requestId: id,
    operationKey,
    planHash,
    side,
    action,
    recordId,
    erpKey,
    state,
    reason,
    // What is as it was planned stands in the plan.
    record: 'record' in operation && record === operation.record ? null : record,
    at,
  };
}

/** How a link stands now; with old and new where it alone was what the plan changed. */
function linkEntry(
  row: SyncRequestRow,
  planHash: string | null,
  link: RecordLink,
  { now, moves }: { readonly now: string; readonly moves: readonly Operation[] },
): AuditEntry {
  const { kind, erpKey, procoreId, state, generation, erpRevision } = link;
  const subject = recordIdOf(kind, procoreId ?? `erp:${erpKey}`);
  return auditEntry(row, now, 'link.changed', {
    subject,
    planHash,
    detail: { ...moveOf(link, moves), link: link.id, erpKey, procoreId, state, generation, erpRevision },
  });
}

function moveOf(
  { kind, erpKey, generation }: RecordLink,
  moves: readonly Operation[],
): Pick<Operation, 'action' | 'changes'> | null {
  const move = moves.find(
    (one) =>
      one.side === 'tieback' &&
      one.kind === kind &&
      one.link.erpKey === erpKey &&
      one.link.generation === generation,
  );
  return move === undefined ? null : { action: move.action, changes: move.changes };
}

const AGAIN = 'Put it right in Procore or the ERP; then send it again from Procore.';

/** How what is left out of a request is taken up again, by the way it is worked. */
const GO_ON: Readonly<Record<NonNullable<SyncRequestRow['way']>, string>> = {
  export: AGAIN,
  release: AGAIN,
  sync: 'Put it right where it lives; the next sync takes it up again.',
  reconcile: 'Put it right where it lives; the next reconcile takes it up again.',
  payroll: 'Put it right where it lives; the period looks again by itself.',
  refresh: 'Put it right where it lives; the next refresh takes it up again.',
  links: AGAIN,
  metadata: AGAIN,
  unsupported: AGAIN,
  malformed: AGAIN,
};

/** What is fine now is resolved, what is not is opened; answers the audit entries of both. */
async function settleExceptions(
  t: Repositories,
  row: SyncRequestRow,
  { problems, fine, settles = [], settlesOwn }: Outcome,
  now: string,
): Promise<readonly AuditEntry[]> {
  const { connectionId, id } = row;
  const [ofErpKeys, ofRecords] = await Promise.all([
    fine ? t.exceptions.resolveErpKeys(connectionId, fine.kind, fine.erpKeys, now) : [],
    settles.length === 0
      ? []
      : t.exceptions.resolve({ connectionId, recordIds: settles, cause: REJECTED }, now),
    settlesOwn ? t.exceptions.resolve({ connectionId, requestId: id }, now) : [],
  ]);
  const resolved = [...ofErpKeys, ...ofRecords];
  const hint = row.way === null ? null : GO_ON[row.way];
  const opened = await t.exceptions.open(
    problems.map((problem) => ({ hint, ...problem, connectionId, requestId: id, openedAt: now })),
  );
  return [
    ...resolved.map(({ requestId, recordId, reason }) => {
      // What no request reported, a sweep did.
      const opener =
        requestId === null
          ? row
          : { id: requestId, workflowId: workflowIdOf({ connectionId, id: requestId }) };
      return auditEntry(opener, now, 'exception.resolved', { subject: recordId, detail: { reason, by: id } });
    }),
    ...opened.map(({ recordId, cause, reason }) =>
      auditEntry(row, now, 'exception.opened', { subject: recordId, detail: { cause, reason } }),
    ),
  ];
}
