import type { AuditEntry } from '../../domain/audit/chain';
import type { ProcoreEnd } from '../../domain/request/procore-end';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import { auditEntry } from './entry';

/** Seals the end of a request that was seen in Procore; belongs into the transaction that notes it with the request. */
export const endedEntry = (
  row: Pick<SyncRequestRow, 'id' | 'workflowId'>,
  { status, messages, origins }: ProcoreEnd,
  now: string,
): AuditEntry => auditEntry(row, now, 'request.ended', { detail: { procore: status, messages, origins } });

/**
 * How a request ended in Procore, as it was sealed when it was seen; null: nobody saw an end. An end that somebody wrote into our store would
 * close what finance waits for, and tie its records to anything: it is taken out again, and the incident written down.
 */
export async function sealedEnd(
  t: Repositories,
  row: SyncRequestRow,
  now: string,
): Promise<ProcoreEnd | null> {
  if (row.procoreEnd === null) return null;
  const seen = (await t.audit.sealed(row, { actions: ['request.ended'] })).at(-1);
  if (seen !== undefined) {
    const { procore, messages, origins } = seen.detail;
    return { status: procore, messages, origins } as ProcoreEnd;
  }
  await t.requests.update(row, { procoreEnd: null });
  const reason =
    'The store said that Procore shows the request as closed, but the audit log does not know that anybody saw it.';
  await t.audit.noteIncident(row, { planHash: null, reason }, now);
  return null;
}
