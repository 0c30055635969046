import type { AuditAction, AuditEntry } from '../../domain/audit/chain';
import type { SyncRequestRow } from '../../store/rows';

/** One audit entry about a request. */
export const auditEntry = (
  row: Pick<SyncRequestRow, 'id' | 'workflowId'>,
  at: string,
  action: AuditAction,
  more: Partial<Pick<AuditEntry, 'actor' | 'subject' | 'planHash' | 'detail'>> = {},
): AuditEntry => ({
  at,
  actor: more.actor ?? 'tieback',
  action,
  subject: more.subject ?? row.id,
  requestId: row.id,
  planHash: more.planHash ?? null,
  workflowId: row.workflowId,
  detail: more.detail ?? {},
});
