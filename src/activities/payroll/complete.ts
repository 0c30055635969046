import type { CompleteEntries, Operation } from '../../domain/plan/operation';
import { isPayBatch } from '../../domain/plan/operation';
import type { ProcoreId } from '../../domain/kinds/record';
import { paidRevision } from '../../domain/payroll/books';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { ApprovedRef, Interruption } from '../../domain/request/flow';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { approvedPlan, inHandOf } from '../in-hand';
import { notingIncidents } from '../record/incident';
import type { OperationResult, Problem } from '../record/outcome';
import { NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { settle } from '../step';
import { payrollOf } from './sides';
import { lookAtTimecards } from './timecards';

const isCompletion = (operation: Operation): operation is CompleteEntries =>
  operation.action === 'complete_entries';

/** Runs on the Procore queue. */
export const completeEntriesActivities = (deps: ActivityDeps) => ({
  /**
   * Closes the entries of a written batch in Procore. One that was edited meanwhile is left open: it is a correction first. What Procore does not take is told
   * and changes nothing of pay.
   */
  async completeEntries(input: ApprovedRef): Promise<{ readonly kind: 'completed' } | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const parts = payrollOf(connection);
      const { settings } = parts;
      const { row, approved } = await notingIncidents(deps, input, () =>
        deps.store.read('payroll.completing', async (t) => ({
          row: (await inHandOf(t, connection, input)).row,
          approved: await approvedPlan(t, input, 'payroll', deps.people.keys),
        })),
      );
      const { plan, operations } = approved;
      const recorded = new Set(operations.map(({ operationKey }) => operationKey));
      const written = new Map(
        plan.operations
          .filter(isPayBatch)
          .filter(({ operationKey }) => recorded.has(operationKey))
          .flatMap(({ books }) => books.takes)
          .map(({ entryId, revision }) => [entryId, revision]),
      );
      const completions = plan.operations
        .filter(isCompletion)
        .filter(({ operationKey }) => !recorded.has(operationKey));
      if (completions.length > 0) await lookAtTimecards(deps, parts, { tells: false });
      const results: OperationResult[] = [];
      const problems: Problem[] = [];
      for (const operation of completions) {
        const same = await unchanged(operation.entries.filter((id) => written.has(id)));
        // A try that was cut short goes on where it was.
        const ids = same.filter(({ status }) => status !== 'completed').map(({ id }) => id);
        const { errors } = ids.length === 0 ? { errors: [] } : await connection.procore.payroll.complete(ids);
        problems.push(
          ...errors.map(({ key, messages }) => ({
            recordId: `timecard_entry/${key}`,
            erpKey: null,
            reason: `Procore does not close the entry for payroll: ${messages.join(' ')}`,
            cause: 'procore',
          })),
        );
        const detail = {
          completed: same.length - errors.length,
          refused: errors.length,
          left: operation.entries.length - same.length,
        };
        results.push({
          operation,
          state: 'confirmed',
          erpKey: null,
          record: null,
          reason: null,
          told: { action: 'operation.written', detail },
        });
      }
      if (results.length > 0)
        await deps.store.transaction('payroll.completed', connection.id, async (t) => {
          const current = await t.requests.get(row);
          const outcome = { ...NOTHING_HAPPENED, results, problems };
          await recordOutcome(t, { row: current, plan, page: 0 }, outcome, { now: deps.now() });
        });
      return { kind: 'completed' as const };

      /** Those that are as they were written. */
      async function unchanged(ids: readonly ProcoreId[]): Promise<readonly TimecardEntry[]> {
        const kept = await deps.store.read('payroll.closing', (t) => t.payroll.byIds(connection.id, ids));
        return kept
          .map(({ entry }) => entry)
          .filter(
            (entry) => entry.deletedAt === null && paidRevision(entry, settings) === written.get(entry.id),
          );
      }
    });
  },
});
