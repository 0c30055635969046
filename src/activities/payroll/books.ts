import type { WritePayBatch } from '../../domain/plan/operation';
import type { OurBatch } from '../../domain/payroll/adopt';
import type { PayLine } from '../../domain/payroll/line';
import { periodName } from '../../domain/payroll/period';
import type { PayBatchResult } from '../../erp-adapters/contract/payroll';
import type { Plan } from '../../domain/plan/plan';
import type { Repositories } from '../../store/repositories';
import type { SyncRequestRow } from '../../store/rows';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED, recordOutcome } from '../record/outcome';

/** A batch as the ERP says that it was written. */
export type BatchWritten = Extract<PayBatchResult, { outcome: 'written' | 'already_written' }>;

/** Keeps lines that a batch of the ERP holds. */
export function keepWritten(
  t: Repositories,
  {
    connectionId,
    requestId,
    now,
  }: { readonly connectionId: string; readonly requestId: string; readonly now: string },
  { batch, period, purpose }: OurBatch,
  lines: readonly PayLine[],
): void {
  t.payroll.keepLines(
    lines.map((line) => ({
      connectionId,
      lineKey: line.key,
      state: 'written',
      requestId,
      purpose,
      period,
      batch,
      employee: line.employee,
      workDate: line.date,
      line,
      reason: null,
      at: now,
    })),
  );
}

/**
 * Writes down that a batch was written: operation and audit, the lines that it holds, and the entries that it has now. A repetition adds nothing. In one
 * transaction, so that no entry is anywhere twice.
 */
export async function recordBatch(
  t: Repositories,
  row: SyncRequestRow,
  plan: Plan,
  operation: WritePayBatch,
  { batch, outcome, lines }: Pick<BatchWritten, 'batch' | 'outcome' | 'lines'>,
  now: string,
): Promise<void> {
  const [known] = await t.plans.operationStates(row, [operation]);
  if (known !== undefined) return;
  const { connectionId, id: requestId } = row;
  const { added, withdrawn, period, purpose } = operation.batch;
  t.payroll.dropLines(
    connectionId,
    withdrawn.flatMap(({ key }) => (key === null ? [] : [key])),
  );
  keepWritten(t, { connectionId, requestId, now }, { batch, purpose, period: periodName(period) }, added);
  t.payroll.setWritten(row, operation.books.takes);
  t.payroll.free(connectionId, operation.books.frees);
  const detail = {
    operation: operation.operationKey,
    status: outcome,
    erpKey: batch,
    replayed: outcome === 'already_written',
    targetRevision: operation.targetRevision,
    lines: operation.batch.lines.length,
    added: added.length,
    withdrawn: withdrawn.length,
    held: lines.length,
  };
  const result: OperationResult = {
    operation,
    state: 'written',
    erpKey: batch,
    record: null,
    reason: null,
    told: { action: outcome === 'written' ? 'operation.written' : 'operation.adopted', detail },
  };
  await recordOutcome(t, { row, plan, page: 0 }, { ...NOTHING_HAPPENED, results: [result] }, { now });
}
