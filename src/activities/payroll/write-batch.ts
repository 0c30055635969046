import { TiebackError } from '../../domain/base/errors';
import { firstOf } from '../../domain/base/text';
import type { WritePayBatch } from '../../domain/plan/operation';
import { isPayBatch } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import { periodName } from '../../domain/payroll/period';
import type { ApprovedRef, ErpWriteView, Interruption } from '../../domain/request/flow';
import type { PayBatchResult, PayrollCapability } from '../../erp-adapters/contract/payroll';
import type { SyncRequestRow } from '../../store/rows';
import { assertInForce, policyNow, requesterOf } from '../approval';
import { tellProgress } from '../beating';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { FENCE, Fence } from '../export/fence';
import { ahead, approvedPlan, inHandOf } from '../in-hand';
import { notingIncidents } from '../record/incident';
import { auditEntry } from '../record/entry';
import { settle } from '../step';
import { recordBatch } from './books';
import { payrollOf } from './sides';

/** How long until a batch that somebody has open, or a period that is not open, is looked at again. */
const RETRY_AFTER_MS = 60_000;

/** Runs on the ERP queue. */
export const writeBatchActivities = (deps: ActivityDeps, fence = new Fence(deps)) => ({
  /**
   * Writes the batches of the approved plan, each as a whole and once: what the ledger has is not written again. A batch that somebody has open, and a period
   * that is not open, are waited for; where somebody changed the batch, or the ERP refuses lines, the plan is made again.
   */
  async writePayBatches(input: ApprovedRef): Promise<ErpWriteView | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async (): Promise<ErpWriteView | Interruption> => {
      const { erp } = payrollOf(connection);
      const found = await notingIncidents(deps, input, () =>
        deps.store.read('payroll.approved', async (t) => {
          await ahead(
            t.requests.get(input),
            t.requests.reading(input),
            t.plans.latest(input),
            policyNow(t, connection, deps.people.keys),
          );
          const { row } = await inHandOf(t, connection, input);
          return {
            row,
            approved: await approvedPlan(t, input, 'payroll', deps.people.keys),
            policy: await policyNow(t, connection, deps.people.keys),
            requestedBy: await requesterOf(t, input),
            last: await t.plans.lastErpWrites(connection.id, FENCE),
          };
        }),
      );
      const { row, approved, policy, requestedBy, last } = found;
      const { plan, decision } = approved;
      const recorded = new Set(approved.operations.map(({ operationKey }) => operationKey));
      const writes = plan.operations
        .filter(isPayBatch)
        .filter(({ operationKey }) => !recorded.has(operationKey));
      const known = await connection.erp.ledger.find(writes.map(({ operationKey }) => operationKey));
      if (known.length < writes.length) await fence.assertNotOlder(connection, last);
      // What is in the ERP already is finished, whoever may approve now.
      const isBegun = plan.operations.some(({ operationKey }) => recorded.has(operationKey));
      if (known.length === 0 && !isBegun) assertInForce({ policy, row, plan, requestedBy }, decision);
      for (const operation of writes) {
        tellProgress(operation.target);
        const stop = await writeOne(deps, erp, row, plan, operation);
        if (stop !== null) return stop;
      }
      return { kind: 'written', summary: writes.map(({ target }) => target).join('; ') };
    });
  },
});

/** Null: it is in the ERP, and in our books. */
async function writeOne(
  deps: ActivityDeps,
  erp: PayrollCapability,
  row: SyncRequestRow,
  plan: Plan,
  operation: WritePayBatch,
): Promise<ErpWriteView | Interruption | null> {
  const { operationKey, generation, batch } = operation;
  const { period, purpose, lines, expected } = batch;
  const result = await erp.write({
    operationKey,
    planHash: plan.hash,
    generation,
    period,
    purpose,
    lines,
    expected,
  });
  switch (result.outcome) {
    case 'written':
    case 'already_written':
      await deps.store.transaction('payroll.written', row.connectionId, async (t) =>
        recordBatch(t, await t.requests.get(row), plan, operation, result, deps.now()),
      );
      return null;
    case 'in_use':
      return {
        kind: 'busy',
        reason: `Batch ${result.batch} is in use by ${result.by}: it is written when it is free.`,
        retryAfterMs: RETRY_AFTER_MS,
      };
    case 'not_open':
      return {
        kind: 'busy',
        reason: `Nothing can be written to period ${periodName(period)} now: ${result.reason}.`,
        retryAfterMs: RETRY_AFTER_MS,
      };
    case 'changed':
      return { kind: 'moved', reason: `Batch ${result.batch} was changed in the ERP meanwhile.` };
    case 'refused':
      await keepRefusals(deps, row, plan, operation, result);
      return {
        kind: 'moved',
        reason: `The ERP refuses ${result.problems.length === 1 ? 'a line' : `${result.problems.length} lines`}: ${firstOf(result.problems.map(({ reason }) => reason)).join(' ')}`,
      };
  }
}

/** The refused lines stay out until somebody has put them right; all others are planned without them. */
async function keepRefusals(
  deps: ActivityDeps,
  row: SyncRequestRow,
  plan: Plan,
  { operationKey, batch: { period, purpose, added } }: WritePayBatch,
  { problems }: Extract<PayBatchResult, { outcome: 'refused' }>,
): Promise<void> {
  const reasons = new Map(problems.map(({ key, reason }) => [key, reason]));
  const refused = added.filter(({ key }) => reasons.has(key));
  // A line that stays in the batch was refused: nothing can be left out of it.
  if (refused.length === 0)
    throw new TiebackError('ERP_REFUSED', { reason: firstOf([...reasons.values()]).join(' ') });
  const now = deps.now();
  await deps.store.transaction('payroll.refused', row.connectionId, async (t) => {
    t.payroll.keepLines(
      refused.map((line) => ({
        connectionId: row.connectionId,
        lineKey: line.key,
        state: 'refused',
        requestId: row.id,
        purpose,
        period: periodName(period),
        batch: null,
        employee: line.employee,
        workDate: line.date,
        line,
        reason: reasons.get(line.key) ?? '',
        at: now,
      })),
    );
    const detail = { operation: operationKey, code: 'refused', lines: refused.map(({ key }) => key) };
    await t.audit.append(row.connectionId, [
      auditEntry(row, now, 'operation.refused', { planHash: plan.hash, detail }),
    ]);
  });
}
