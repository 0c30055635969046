import type { AuditAction, AuditEntry } from '../domain/audit/chain';
import type { ErrorShape } from '../domain/base/errors';
import { WAITS } from '../domain/request/exception';
import { recordIdOf } from '../domain/base/identity';
import type { Wait } from '../domain/plan/plan';
import type { ClosedRequest, RequestRef } from '../domain/request/flow';
import type { FinalStatus } from '../domain/request/status';
import { isFinal } from '../domain/request/status';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';

/** One audit entry about a request. */
export function auditEntry(
  row: Pick<ErpRequestRow, 'requestId' | 'workflowId'>,
  at: string,
  action: AuditAction,
  more: Partial<Pick<AuditEntry, 'actor' | 'subject' | 'planHash' | 'detail'>> = {},
): AuditEntry {
  return {
    at,
    actor: more.actor ?? 'tieback',
    action,
    subject: more.subject ?? recordIdOf('erp_request', row.requestId),
    requestId: row.requestId,
    planHash: more.planHash ?? null,
    workflowId: row.workflowId,
    detail: more.detail ?? {},
  };
}

/** Parks a request: status, exception and audit entries. A repetition with the same reason adds nothing. */
export async function park(
  t: Repositories,
  ref: RequestRef,
  recordId: string,
  error: ErrorShape,
  now: string,
  because: readonly AuditEntry[] = [],
): Promise<void> {
  const row = await t.requests.get(ref.connectionId, ref.requestId);
  if (isFinal(row.status)) return;
  await t.requests.setStatus(row, 'parked', error.message, now);
  const { connectionId, requestId } = ref;
  const exception = {
    connectionId,
    requestId,
    recordId,
    kind: error.class,
    reason: error.message,
    hint: error.hint,
    erpKey: null,
    openedAt: now,
  };
  if (await t.exceptions.open(exception)) {
    const detail = { code: error.code, class: error.class, reason: error.message };
    await t.audit.append(connectionId, [
      ...because,
      auditEntry(row, now, 'exception.opened', { subject: recordId, detail }),
    ]);
  }
}

/**
 * Holds a request: status, one exception per record that it waits for, audit. Requests that wait for each other are told so, because they
 * never go on by themselves. A repetition adds nothing.
 */
export async function hold(
  t: Repositories,
  ref: RequestRef,
  waits: readonly Wait[],
  now: string,
): Promise<void> {
  const row = await t.requests.get(ref.connectionId, ref.requestId);
  if (isFinal(row.status)) return;
  const circle = await circleOf(t, row, waits);
  const reason = [...waits.map((wait) => wait.reason), ...(circle === null ? [] : [circle])].join(' ');
  await t.requests.setStatus(row, 'held', reason, now);
  const { connectionId, requestId } = ref;
  const open: AuditEntry[] = [];
  for (const wait of waits) {
    const hint = circle ?? 'It goes on by itself when that is there. Give it up with `tieback reject`.';
    const exception = { connectionId, requestId, recordId: wait.recordId, kind: WAITS, reason: wait.reason };
    if (!(await t.exceptions.open({ ...exception, hint, erpKey: null, openedAt: now }))) continue;
    const detail = { waitsFor: wait.recordId, reason: wait.reason };
    open.push(
      auditEntry(row, now, 'request.held', {
        ...(row.recordId === null ? {} : { subject: row.recordId }),
        detail,
      }),
    );
  }
  if (open.length > 0) await t.audit.append(connectionId, open);
}

/** A sentence when a request, through the requests it waits for, waits for itself. */
async function circleOf(t: Repositories, row: ErpRequestRow, waits: readonly Wait[]): Promise<string | null> {
  const seen = new Set<number>();
  let ahead = waits.map(({ recordId }) => recordId);
  while (ahead.length > 0) {
    const named = ahead.filter((id) => id.startsWith('erp_request/')).map((id) => Number(id.split('/')[1]));
    const about = await t.requests.openAbout(row.connectionId, ahead);
    const next = [...new Set([...named, ...about.map(({ requestId }) => requestId)])].filter(
      (id) => !seen.has(id),
    );
    if (next.includes(row.requestId)) {
      const others = [...seen].sort((a, b) => a - b).map((id) => `ERP request ${id}`);
      return `They wait for each other (${[`ERP request ${row.requestId}`, ...others].join(', ')}): reject one of them.`;
    }
    for (const id of next) seen.add(id);
    ahead = [];
    for (const id of next) {
      const open = await t.exceptions.ofRequest(row.connectionId, id);
      for (const { kind, recordId, resolvedAt } of open) {
        if (kind === WAITS && resolvedAt === null) ahead.push(recordId);
      }
    }
  }
  return null;
}

/**
 * Held requests that may go on: they wait for one of these records, or for this request itself. Ask in the transaction that linked or
 * closed.
 */
export const releasedBy = (
  t: Repositories,
  { connectionId, requestId }: RequestRef,
  recordIds: readonly string[] = [],
): Promise<readonly number[]> =>
  t.exceptions.waitingFor(connectionId, [recordIdOf('erp_request', requestId), ...recordIds]);

/**
 * How a request ended, when the step that closed it is repeated because its answer was lost; null while it is open. Ask before anything is
 * sent: Procore's users may have moved on since.
 */
export async function alreadyClosed(t: Repositories, ref: RequestRef): Promise<ClosedRequest | null> {
  const { status, reason } = await t.requests.get(ref.connectionId, ref.requestId);
  if (!isFinal(status)) return null;
  const touched = new Set((await t.plans.operations(ref)).map(({ recordId }) => recordId));
  return { result: { status, summary: reason ?? '' }, released: await releasedBy(t, ref, [...touched]) };
}

/** Closes a request for good; a repetition changes nothing. `extra` entries are sealed in the same audit link. */
export async function close(
  t: Repositories,
  ref: RequestRef,
  status: FinalStatus,
  summary: string,
  now: string,
  extra: readonly AuditEntry[] = [],
): Promise<void> {
  const row = await t.requests.get(ref.connectionId, ref.requestId);
  if (isFinal(row.status)) return;
  await t.requests.setStatus(row, status, summary, now);
  await t.audit.append(ref.connectionId, [
    ...extra,
    auditEntry(row, now, 'request.closed', { detail: { status, summary } }),
  ]);
}
