import type { AuditAction, AuditEntry } from '../domain/audit';
import type { ErrorShape } from '../domain/errors';
import { recordIdOf } from '../domain/identity';
import type { RequestRef } from '../domain/request-flow';
import type { FinalStatus } from '../domain/request-status';
import { isFinal } from '../domain/request-status';
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
