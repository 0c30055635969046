import { TiebackError } from '../domain/base/errors';
import { revisionOf } from '../domain/base/identity';
import type { Plan, PlannedOperation } from '../domain/plan/plan';
import type { AnyRecord } from '../domain/kinds/record';
import type { ApplyView, ReadView, RequestRef } from '../domain/request/flow';
import type { WriteResult } from '../erp-adapters/contract/adapter';
import type { ErpRequestRow, OperationRow } from '../store/rows';
import { approvedPlan, operationRow } from './approved-plan';
import type { ActivityDeps, ConnectionParts } from './deps';
import { connectionOf, settle } from './deps';
import type { ExportKind } from './export-kind';
import { exportKindOf } from './export-kind';
import { auditEntry } from './ledger';

/** Runs on the ERP queue. */
export const exportErpActivities = (deps: ActivityDeps) => ({
  /** Reads what the plan depends on and stores it. Decides nothing. */
  async readExport({ connectionId, requestId }: RequestRef): Promise<ReadView> {
    const connection = connectionOf(deps, connectionId);
    return settle(async () => {
      const { kind, subject } = await subjectOf(deps, connection, requestId);
      const body = await kind.readErp(connection, subject);
      await deps.store.transaction('export.snapshot', (t) =>
        t.plans.putSnapshot({ connectionId, requestId, page: 0, body, readAt: deps.now() }),
      );
      return { kind: 'read' };
    });
  },

  /**
   * Writes the approved plan to the ERP. First asks the ledger what is written already; unless that is everything, the plan is rebuilt
   * from fresh reads and must have the approved hash. The adapter repeats the ledger check inside each of its transactions.
   */
  async applyExport(input: RequestRef & { planHash: string }): Promise<ApplyView> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const approved = await deps.store.read('export.approved', (t) => approvedPlan(t, input));
      const operations = approved.plan.operations.filter(({ side }) => side === 'erp');
      const done = operations.length > 0 && (await allWritten(connection, operations));
      // What is written is the plan built just now: its hash is the approved one, whatever lies in our store.
      const plan = done ? approved.plan : await rebuilt(deps, connection, input);
      if (typeof plan === 'string') return planMoved(deps, approved.row, input.planHash, plan);
      return applyAll(deps, connection, approved.row, plan);
    });
  },
});

async function allWritten(
  connection: ConnectionParts,
  operations: readonly PlannedOperation[],
): Promise<boolean> {
  for (const { operationKey } of operations) {
    if ((await connection.erp.ledger.find(operationKey)) === null) return false;
  }
  return true;
}

async function subjectOf(
  deps: ActivityDeps,
  connection: ConnectionParts,
  requestId: number,
): Promise<{ readonly kind: ExportKind; readonly subject: unknown }> {
  return deps.store.read('export.subject', async (t) => {
    const row = await t.requests.get(connection.id, requestId);
    const kind = exportKindOf(connection, row);
    return { kind, subject: await kind.subject(t, connection, row) };
  });
}

/** The plan as it would be made now; a sentence when it is not the approved one any more. */
async function rebuilt(
  deps: ActivityDeps,
  connection: ConnectionParts,
  input: RequestRef & { planHash: string },
): Promise<Plan | string> {
  const { kind, subject } = await subjectOf(deps, connection, input.requestId);
  const fresh = await kind.readErp(connection, subject);
  const planned = await deps.store.read('export.rebuild', async (t) => {
    const row = await t.requests.get(input.connectionId, input.requestId);
    return kind.plan(t, connection, row, fresh);
  });
  if (planned.kind === 'refused') return planned.problems.join(' ');
  if (planned.kind === 'held') return planned.waits.map(({ reason }) => reason).join(' ');
  const same = planned.plan.hash === input.planHash;
  return same ? planned.plan : 'The ERP or the links changed after the plan was approved.';
}

/**
 * Writes the records in order, and notes those that are there already. One that the ERP refuses does not stop the others of the same
 * request.
 */
async function applyAll(
  deps: ActivityDeps,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
): Promise<ApplyView> {
  const kind = exportKindOf(connection, row);
  const operations = plan.operations.filter(({ side }) => side === 'erp');
  const keys = new Map<string, string>();
  const names: string[] = [];
  const refusals: Extract<ApplyView, { kind: 'stopped' }>[] = [];
  for (const operation of operations) {
    const result = await kind.write(connection, operation, plan.hash, keys);
    const outcome = await recordResult(deps, row, plan, operation, result, kind);
    switch (outcome.kind) {
      case 'written':
        if ('erpKey' in result) keys.set(operation.recordId, result.erpKey);
        names.push(outcome.summary);
        break;
      case 'stopped':
        refusals.push(outcome);
        break;
      default:
        return outcome;
    }
  }
  const isWritten = new Set(operations.map(({ recordId }) => recordId));
  const ties = plan.operations.filter(
    ({ action, recordId }) => action === 'set_external_data' && !isWritten.has(recordId),
  );
  const noted = await noteExisting(deps, connection, row, plan, ties);
  if (typeof noted === 'string') return planMoved(deps, row, plan.hash, noted);
  names.push(...noted);
  const [refusal] = refusals;
  if (refusal && names.length === 0) return refusal;
  return { kind: 'written', summary: summaryOf(names) };
}

const summaryOf = (names: readonly string[]): string =>
  names.length === 1 ? (names[0] ?? '') : `${names.length} records were written to the ERP.`;

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

async function recordResult(
  deps: ActivityDeps,
  row: ErpRequestRow,
  plan: Plan,
  operation: PlannedOperation,
  result: WriteResult<AnyRecord>,
  kind: ExportKind,
): Promise<ApplyView> {
  switch (result.status) {
    case 'busy':
      return { kind: 'busy', reason: result.reason, retryAfterMs: result.retryAfterMs };
    case 'moved':
      return planMoved(deps, row, plan.hash, result.reason);
    case 'taken': {
      const { recordId: record, generation } = operation;
      const reason = `operation ${result.by.operationKey}`;
      throw new TiebackError('ERP_RECORD_TAKEN', { record, generation, reason });
    }
    case 'refused': {
      await deps.store.transaction('export.refused', async (t) => {
        const outcome = {
          state: 'refused' as const,
          erpKey: null,
          reason: result.error.message,
          record: null,
        };
        await t.plans.putOperations([
          operationRow(row, plan.hash, operation, { ...outcome, at: deps.now() }),
        ]);
        const { code, message: reason } = result.error;
        const detail = { code, reason, operation: operation.operationKey };
        const more = { subject: operation.recordId, planHash: plan.hash, detail };
        await t.audit.append(row.connectionId, [auditEntry(row, deps.now(), 'operation.refused', more)]);
      });
      return { kind: 'stopped', error: result.error };
    }
    case 'written':
    case 'accepted':
    case 'posted': {
      const name = kind.nameOf(operation, result.erpKey, result.record);
      await deps.store.transaction('export.written', async (t) => {
        const before = (await t.plans.operations(row)).find(
          ({ operationKey }) => operationKey === operation.operationKey,
        );
        if (before?.state === 'written' || before?.state === 'confirmed') return;
        const { erpKey, record, replayed, status } = result;
        const outcome = { state: 'written' as const, erpKey, reason: null, record, at: deps.now() };
        await t.plans.putOperations([operationRow(row, plan.hash, operation, outcome)]);
        const detail = {
          operation: operation.operationKey,
          status,
          erpKey,
          replayed,
          recordRevision: revisionOf(record),
          targetRevision: operation.targetRevision,
        };
        const action = replayed ? 'operation.adopted' : 'operation.written';
        const more = { subject: operation.recordId, planHash: plan.hash, detail };
        await t.audit.append(row.connectionId, [auditEntry(row, deps.now(), action, more)]);
      });
      const verb = operation.action === 'update' ? 'was brought up to date' : 'was created';
      return { kind: 'written', summary: `${name} ${verb} in the ERP.` };
    }
  }
}

/** Records that are tied to without a write: remembered as they are now. A sentence when one is gone. */
async function noteExisting(
  deps: ActivityDeps,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
  operations: readonly PlannedOperation[],
): Promise<readonly string[] | string> {
  if (operations.length === 0) return [];
  const kind = exportKindOf(connection, row);
  const rows: OperationRow[] = [];
  const names: string[] = [];
  for (const operation of operations) {
    const found = await kind.readBack(connection, operation);
    if (!found) return `${operation.target}: the ERP record is not there any more.`;
    const outcome = { state: 'planned' as const, erpKey: found.key, reason: null, record: found.record };
    rows.push(operationRow(row, plan.hash, operation, { ...outcome, at: deps.now() }));
    names.push(
      `${kind.nameOf(operation, found.key, found.record)} was already in the ERP and is linked now.`,
    );
  }
  await deps.store.transaction('export.existing', (t) => t.plans.putOperations(rows));
  return names;
}
