import { TiebackError } from '../domain/errors';
import { revisionOf } from '../domain/identity';
import type { Plan, PlannedOperation } from '../domain/plan';
import { planVendorExport } from '../domain/plan-vendor-export';
import type { Vendor } from '../domain/vendor';
import type { ApplyView, ReadView, RequestRef } from '../domain/request-flow';
import type { VendorWrite, WriteResult } from '../erp-adapters/adapter';
import type { ErpRequestRow } from '../store/rows';
import type { ActivityDeps, ConnectionParts } from './deps';
import { connectionOf, settle, vendorsOf } from './deps';
import type { ErpSide, Subject } from './export-shared';
import { approvedPlan, operationRow, planInput, subjectOf } from './export-shared';
import { auditEntry } from './ledger';

/** Runs on the ERP queue. */
export const exportErpActivities = (deps: ActivityDeps) => ({
  /** Reads what the plan depends on and stores it. Decides nothing. */
  async readVendorExport({ connectionId, requestId }: RequestRef): Promise<ReadView> {
    const connection = connectionOf(deps, connectionId);
    return settle(async () => {
      const subject = await deps.store.read('export.subject', async (t) =>
        subjectOf(t, connection, await t.requests.get(connectionId, requestId)),
      );
      const body = await readErpSide(connection, subject);
      await deps.store.transaction('export.snapshot', (t) =>
        t.plans.putSnapshot({ connectionId, requestId, page: 0, body, readAt: deps.now() }),
      );
      return { kind: 'read' };
    });
  },

  /**
   * Writes the approved plan to the ERP. First asks the ledger whether it is written already; then rebuilds the plan from fresh
   * reads and goes on only when its hash is the approved one. The adapter repeats the ledger check inside its transaction.
   */
  async applyVendorExport(input: RequestRef & { planHash: string }): Promise<ApplyView> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const approved = await approvedPlan(deps, connection, input);
      const operation = approved.plan.operations.find(({ side }) => side === 'erp');
      const written = operation ? await connection.erp.ledger.find(operation.operationKey) : null;
      // What is written is the plan built just now: its hash is the approved one, whatever lies in our store.
      const plan =
        written === null ? await rebuilt(deps, connection, input, approved.subject) : approved.plan;
      if (typeof plan === 'string') return planMoved(deps, approved.row, input.planHash, plan);
      return operation
        ? writeToErp(deps, connection, approved.row, plan)
        : noteExisting(deps, connection, approved.row, plan);
    });
  },
});

async function readErpSide(
  connection: ConnectionParts,
  { wanted, recordId, linkedKey }: Subject,
): Promise<ErpSide> {
  const vendors = vendorsOf(connection);
  const columns = await vendors.rules();
  const ledgerHead = await connection.erp.ledger.head('vendor', recordId);
  const keys = [...new Set([linkedKey, ledgerHead?.erpKey ?? null].filter((key) => key !== null))];
  const known = keys.length === 0 ? [] : await vendors.read(keys);
  const similar = await vendors.findSimilar({
    code: wanted.code,
    name: wanted.name,
    sortName: wanted.sortName,
    email: wanted.email,
    phone: wanted.phone,
  });
  const candidates = [...new Map([...similar, ...known].map((vendor) => [vendor.key, vendor])).values()];
  candidates.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { columns, candidates, ledgerHead };
}

/** The plan as it would be made now; a sentence when it is not the approved one any more. */
async function rebuilt(
  deps: ActivityDeps,
  connection: ConnectionParts,
  input: RequestRef & { planHash: string },
  subject: Subject,
): Promise<Plan | string> {
  const fresh = await readErpSide(connection, subject);
  const planned = await deps.store.read('export.rebuild', async (t) => {
    const row = await t.requests.get(input.connectionId, input.requestId);
    return planVendorExport(await planInput(t, connection, row, fresh));
  });
  if (planned.kind === 'refused') return planned.problems.join(' ');
  const same = planned.plan.hash === input.planHash;
  return same ? planned.plan : 'The ERP or the links changed after the plan was approved.';
}

async function writeToErp(
  deps: ActivityDeps,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
): Promise<ApplyView> {
  const operation = plan.operations.find(({ side }) => side === 'erp');
  const [result] = operation ? await vendorsOf(connection).write([toWrite(operation, plan.hash)]) : [];
  if (!operation || !result) throw new Error('the ERP adapter gave no result for the operation');
  return recordResult(deps, row, plan, operation, result);
}

/** Notes that an approved plan does not hold any more; a repetition of the step adds nothing. */
async function planMoved(
  deps: ActivityDeps,
  { connectionId, requestId }: RequestRef,
  planHash: string,
  reason: string,
): Promise<ApplyView> {
  await deps.store.transaction('export.moved', async (t) => {
    const row = await t.requests.get(connectionId, requestId);
    if (row.status !== 'applying') return;
    await t.requests.setStatus(row, 'planning', reason, deps.now());
    await t.audit.append(connectionId, [
      auditEntry(row, deps.now(), 'plan.moved', { planHash, detail: { reason } }),
    ]);
  });
  return { kind: 'moved', reason };
}

const toWrite = (operation: PlannedOperation, planHash: string): VendorWrite => ({
  operationKey: operation.operationKey,
  recordId: operation.recordId,
  generation: operation.generation,
  targetRevision: operation.targetRevision,
  planHash,
  action: operation.action === 'update' ? 'update' : 'create',
  erpKey: operation.erpKey,
  fields: (operation.record ?? {}) as Partial<Vendor>,
  expected: null,
});

async function recordResult(
  deps: ActivityDeps,
  row: ErpRequestRow,
  plan: Plan,
  operation: PlannedOperation,
  result: WriteResult,
): Promise<ApplyView> {
  switch (result.status) {
    case 'busy':
      return { kind: 'busy', reason: result.reason, retryAfterMs: result.retryAfterMs };
    case 'moved':
      return planMoved(deps, row, plan.hash, result.reason);
    case 'taken': {
      const { recordId: record, generation } = operation;
      throw new TiebackError('ERP_RECORD_TAKEN', {
        record,
        generation,
        reason: `operation ${result.by.operationKey}`,
      });
    }
    case 'refused': {
      await deps.store.transaction('export.refused', async (t) => {
        await t.plans.putOperations([
          operationRow(row, plan.hash, operation, {
            state: 'refused',
            erpKey: null,
            reason: result.error.message,
            record: null,
            at: deps.now(),
          }),
        ]);
        const detail = {
          code: result.error.code,
          reason: result.error.message,
          operation: operation.operationKey,
        };
        await t.audit.append(row.connectionId, [
          auditEntry(row, deps.now(), 'operation.refused', {
            subject: operation.recordId,
            planHash: plan.hash,
            detail,
          }),
        ]);
      });
      return { kind: 'stopped', error: result.error };
    }
    case 'written':
    case 'accepted':
    case 'posted': {
      const words = `Vendor ${result.record.code ?? result.erpKey} "${result.record.name}" was created in the ERP.`;
      await deps.store.transaction('export.written', async (t) => {
        const before = (await t.plans.operations(row)).find(
          ({ operationKey }) => operationKey === operation.operationKey,
        );
        if (before?.state === 'written' || before?.state === 'confirmed') return;
        await t.plans.putOperations([
          operationRow(row, plan.hash, operation, {
            state: 'written',
            erpKey: result.erpKey,
            reason: null,
            record: result.record,
            at: deps.now(),
          }),
        ]);
        const detail = {
          operation: operation.operationKey,
          status: result.status,
          erpKey: result.erpKey,
          replayed: result.replayed,
          recordRevision: revisionOf(result.record),
          targetRevision: operation.targetRevision,
        };
        const action = result.replayed ? 'operation.adopted' : 'operation.written';
        await t.audit.append(row.connectionId, [
          auditEntry(row, deps.now(), action, { subject: operation.recordId, planHash: plan.hash, detail }),
        ]);
      });
      return { kind: 'written', summary: words };
    }
  }
}

/** A plan that writes nothing to the ERP ties to a record that is there: remember it as it is now. */
async function noteExisting(
  deps: ActivityDeps,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
): Promise<ApplyView> {
  const operation = plan.operations.find(({ action }) => action === 'set_external_data');
  const [found] = operation?.erpKey ? await vendorsOf(connection).read([operation.erpKey]) : [];
  if (!operation || !found) return { kind: 'moved', reason: 'The vendor is no longer in the ERP.' };
  const outcome = {
    state: 'planned' as const,
    erpKey: found.key,
    reason: null,
    record: found.vendor,
    at: deps.now(),
  };
  await deps.store.transaction('export.existing', (t) =>
    t.plans.putOperations([operationRow(row, plan.hash, operation, outcome)]),
  );
  return {
    kind: 'written',
    summary: `Vendor ${found.vendor.code ?? found.key} "${found.vendor.name}" was already in the ERP and is linked now.`,
  };
}
