import type { CompleteEntries, Operation } from '../../domain/plan/operation';
import { isPayBatch } from '../../domain/plan/operation';
import type { ProcoreId } from '../../domain/kinds/record';
import { paidRevision } from '../../domain/payroll/books';
import type { ApprovedRef, Interruption } from '../../domain/request/flow';
import type { ActivityDeps } from '../deps';
import { connectionOf } from '../deps';
import { approvedPlan, inHandOf } from '../in-hand';
import { notingIncidents } from '../record/incident';
import type { OperationResult, Problem } from '../record/outcome';
import { NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { settle } from '../step';
import { payrollOf } from './sides';
import { keepEntries } from './timecards';

const isCompletion = (operation: Operation): operation is CompleteEntries =>
  operation.action === 'complete_entries';

/** Of entries that are looked at with one call. */
const IDS_A_CALL = 100;

/** Runs on the Procore queue. */
export const completeEntriesActivities = (deps: ActivityDeps) => ({
  /**
   * Closes the entries of a written batch in Procore. One that was edited meanwhile is left open: it is a correction first. What Procore does not take is told
   * and changes nothing of pay.
   */
  async completeEntries(input: ApprovedRef): Promise<{ readonly kind: 'completed' } | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const { settings } = payrollOf(connection);
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
      const results: OperationResult[] = [];
      const problems: Problem[] = [];
      for (const operation of plan.operations.filter(isCompletion)) {
        if (recorded.has(operation.operationKey)) continue;
        const ids = await unchanged(operation.entries.filter((id) => written.has(id)));
        const { completed, errors } =
          ids.length === 0 ? { completed: [], errors: [] } : await connection.procore.payroll.complete(ids);
        problems.push(
          ...errors.map(({ key, messages }) => ({
            recordId: `timecard_entry/${key}`,
            erpKey: null,
            reason: `Procore does not close the entry for payroll: ${messages.join(' ')}`,
            cause: 'procore',
          })),
        );
        const detail = {
          completed: completed.length,
          refused: errors.length,
          left: operation.entries.length - ids.length,
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
      async function unchanged(ids: readonly ProcoreId[]): Promise<readonly ProcoreId[]> {
        const same: ProcoreId[] = [];
        for (let index = 0; index < ids.length; index += IDS_A_CALL) {
          const { entries } = await connection.procore.payroll.entriesById(
            ids.slice(index, index + IDS_A_CALL),
          );
          await deps.store.transaction('timecards.keep', connection.id, async (t) => {
            await keepEntries(t, connection.id, entries, settings, deps.now());
          });
          same.push(
            ...entries
              .filter(
                (entry) =>
                  entry.deletedAt === null && paidRevision(entry, settings) === written.get(entry.id),
              )
              .map(({ id }) => id),
          );
        }
        return same;
      }
    });
  },
});
