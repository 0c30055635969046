import type { AuditEntry } from '../domain/audit/chain';
import { TiebackError } from '../domain/base/errors';
import type { PlanView, RequestRef } from '../domain/request/flow';
import type { ActivityDeps } from './deps';
import { connectionOf } from './deps';
import { exportKindOf } from './export-kind';
import { auditEntry, park } from './ledger';
import { readStored, subjectIdOf } from './request-body';
import { settlePlan } from './settle-plan';

/** Run on the main queue, as local activities. */
export const exportStoreActivities = (deps: ActivityDeps) => ({
  /**
   * Builds the plan from what was stored, asks the policy, and remembers both. A plan that was approved before (a worker died, or the
   * Temporal server was emptied) keeps its approval. `askFinance` is set when the ERP itself asked for an approval.
   */
  async planExport(input: RequestRef & { askFinance: string | null }): Promise<PlanView> {
    const connection = connectionOf(deps, input.connectionId);
    return deps.store.transaction('export.plan', async (t): Promise<PlanView> => {
      const now = deps.now();
      const row = await t.requests.get(input.connectionId, input.requestId);
      const snapshot = await t.plans.snapshot(input, 0);
      if (!snapshot) throw new Error(`nothing was read for ERP request ${input.requestId}`);
      const planned = await exportKindOf(connection, row).plan(t, connection, row, snapshot.body);
      if (planned.kind === 'held') return planned;
      if (planned.kind === 'refused') {
        const error = new TiebackError('ERP_REFUSED', { reason: planned.problems.join(' ') }).toShape();
        const detail = { problems: planned.problems };
        await park(t, input, subjectIdOf(readStored(connection, row)), error, now, [
          auditEntry(row, now, 'plan.refused', { detail }),
        ]);
        return { kind: 'refused', error };
      }
      const { plan } = planned;
      const audit: AuditEntry[] = [];
      const { version, isNew } = await t.plans.add(input, 0, plan, now);
      if (isNew) {
        const detail = { version, operations: plan.operations.length, warnings: plan.warnings };
        audit.push(auditEntry(row, now, 'plan.built', { planHash: plan.hash, detail }));
      }
      const view = await settlePlan(t, connection, row, plan, input.askFinance, now, audit);
      await t.audit.append(input.connectionId, audit);
      return view;
    });
  },
});
