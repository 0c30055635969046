import type { AuditEntry } from '../domain/audit';
import { TiebackError } from '../domain/errors';
import { originIdOf, recordIdOf, revisionOf } from '../domain/identity';
import type { Plan } from '../domain/plan';
import type { RecordLink } from '../domain/record-link';
import type { ConfirmView, RequestRef } from '../domain/request-flow';
import { isFinal } from '../domain/request-status';
import type { Vendor } from '../domain/vendor';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow, OperationRow } from '../store/rows';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { approvedPlan, intentOf, operationRow } from './export-shared';
import { auditEntry, close } from './ledger';
import { closeDetails } from './request';

/** Runs on the Procore queue. */
export const exportProcoreActivities = (deps: ActivityDeps) => ({
  /**
   * Tells Procore: external data first, the request detail last; then our link, its base, the operations and the audit entries, in one
   * transaction. Every call sets a state, so the whole step may be repeated.
   */
  async confirmVendorExport(
    input: RequestRef & { planHash: string; summary: string },
  ): Promise<ConfirmView | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const { row, plan, operations } = await approvedPlan(deps, connection, input);
      const intent = intentOf(connection, row);
      const { erpKey, record, generation } = whatIsThere(row, plan, operations);
      const originId = originIdOf('vendor', erpKey);
      const errors = await connection.procore.syncExternalData([
        { itemType: 'vendor', itemId: intent.procoreId, originId, originCode: record.code },
      ]);
      if (errors.length > 0) {
        const reason = errors.flatMap(({ messages }) => messages).join('; ');
        throw new TiebackError('PROCORE_REFUSED', {
          operation: `linking company ${intent.procoreId} to vendor ${record.code ?? erpKey}`,
          reason,
        });
      }
      const refused = await closeDetails(connection, intent, 'success', [input.summary]);
      const summary = refused === null ? input.summary : `${input.summary} ${refused}`;
      await deps.store.transaction('export.confirmed', async (t) => {
        // A repetition of a step that was recorded: the link may have moved on since.
        if (isFinal((await t.requests.get(row.connectionId, row.requestId)).status)) return;
        const now = deps.now();
        const outcome = { state: 'confirmed' as const, erpKey, reason: null, record, at: now };
        const rows = plan.operations.map((operation) => operationRow(row, plan.hash, operation, outcome));
        await t.plans.putOperations(rows);
        const stored = await t.plans.latest(input);
        if (stored) await t.plans.setState(stored, 'applied');
        const audit = await linkExported(
          t,
          connection,
          row,
          plan,
          {
            entity: 'vendor',
            erpKey,
            procoreId: intent.procoreId,
            state: 'linked',
            generation,
            base: record,
            baseRevision: revisionOf(record),
          },
          now,
        );
        await t.exceptions.resolve({ connectionId: connection.id, requestId: row.requestId }, now);
        await close(t, input, 'applied', summary, now, audit);
      });
      return { kind: 'applied', summary };
    });
  },
});

/**
 * Ties the company to the ERP record. The link of that record may be further than the write that led to it: it was staged before, or
 * belonged to another company. Another record that the company was tied to is let go: one company, one vendor.
 */
async function linkExported(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
  wanted: RecordLink & { readonly procoreId: number },
  now: string,
): Promise<AuditEntry[]> {
  const [current] = await t.links.byErpKeys(connection.id, 'vendor', [wanted.erpKey]);
  const others = (await t.links.byProcoreIds(connection.id, 'vendor', [wanted.procoreId])).filter(
    ({ erpKey, state }) => erpKey !== wanted.erpKey && state === 'linked',
  );
  const changes: readonly RecordLink[] = [
    ...others.map((old) => ({ ...old, state: 'unlinked' as const, generation: old.generation + 1 })),
    { ...wanted, generation: Math.max(wanted.generation, (current?.generation ?? 0) + 1) },
  ];
  const audit: AuditEntry[] = [];
  for (const link of changes) {
    if (!(await t.links.advance(connection.id, link, now))) continue;
    const { erpKey, procoreId, state, generation, baseRevision } = link;
    const detail = { erpKey, procoreId, state, generation, baseRevision };
    const subject = recordIdOf('vendor', wanted.procoreId);
    audit.push(auditEntry(row, now, 'link.changed', { subject, planHash: plan.hash, detail }));
  }
  return audit;
}

/** The ERP record the plan ended at, as the apply step read it back: what both sides agree on from now on. */
function whatIsThere(
  { requestId }: ErpRequestRow,
  plan: Plan,
  operations: readonly OperationRow[],
): { erpKey: string; record: Vendor; generation: number } {
  const keys = new Map(plan.operations.map(({ operationKey, generation }) => [operationKey, generation]));
  const done = operations.find(({ operationKey, record }) => keys.has(operationKey) && record !== null);
  if (!done?.record || done.erpKey === null)
    throw new Error(`nothing was applied for ERP request ${requestId}`);
  return { erpKey: done.erpKey, record: done.record as Vendor, generation: keys.get(done.operationKey) ?? 1 };
}
