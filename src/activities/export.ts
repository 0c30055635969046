import type { AuditEntry } from '../domain/audit';
import type { VendorExport } from '../domain/erp-request';
import { TiebackError } from '../domain/errors';
import { originIdOf, recordIdOf, revisionOf } from '../domain/identity';
import type { Plan, PlannedOperation } from '../domain/plan';
import type { KnownVendor, VendorExportInput } from '../domain/plan-vendor-export';
import { planVendorExport } from '../domain/plan-vendor-export';
import { decide } from '../domain/policy';
import type { RecordLink } from '../domain/record-link';
import type { ApplyView, ConfirmView, PlanView, ReadView, RequestRef } from '../domain/request-flow';
import { isFinal } from '../domain/request-status';
import type { Vendor } from '../domain/vendor';
import type { LedgerEntry, VendorRules, VendorWrite, WriteResult } from '../erp-adapters/adapter';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow, OperationRow } from '../store/rows';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle, vendorsOf } from './deps';
import { auditEntry, close, park } from './ledger';
import { closeDetails, readStored } from './request';

/** What was read from the ERP for one vendor export. */
interface ErpSide {
  readonly columns: VendorRules;
  readonly candidates: readonly KnownVendor[];
  readonly ledgerHead: LedgerEntry | null;
}

const intentOf = (connection: ConnectionParts, row: ErpRequestRow): VendorExport => {
  const { intent } = readStored(connection, row);
  if (intent.kind !== 'create_vendor') throw new Error(`ERP request ${row.requestId} is no vendor export`);
  return intent;
};

/** The link that tells where the ERP record of a company is: the one in force, else the one that changed last. */
const ownLink = (links: readonly RecordLink[]): RecordLink | null =>
  links.find(({ state }) => state === 'linked') ?? links[0] ?? null;

async function readErpSide(
  connection: ConnectionParts,
  wanted: Vendor,
  recordId: string,
  linkedKey: string | null,
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

/** Everything the planner wants: what the request says, what the ERP said, what we remember. */
async function planInput(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
  erp: ErpSide,
): Promise<VendorExportInput> {
  const intent = intentOf(connection, row);
  const links = await t.links.byProcoreIds(connection.id, 'vendor', [intent.procoreId]);
  const keys = erp.candidates.map(({ key }) => key);
  return {
    connectionId: connection.id,
    intent,
    corrections: row.corrections ?? {},
    columns: erp.columns,
    candidates: erp.candidates,
    link: ownLink(links),
    candidateLinks: await t.links.byErpKeys(connection.id, 'vendor', keys),
    ledgerHead: erp.ledgerHead,
  };
}

async function readForRequest(
  deps: ActivityDeps,
  connection: ConnectionParts,
  ref: RequestRef,
): Promise<ErpSide> {
  const { wanted, recordId, linkedKey } = await deps.store.read('export.subject', async (t) => {
    const row = await t.requests.get(ref.connectionId, ref.requestId);
    const intent = intentOf(connection, row);
    const links = await t.links.byProcoreIds(connection.id, 'vendor', [intent.procoreId]);
    return {
      wanted: { ...intent.vendor, ...row.corrections },
      recordId: recordIdOf('vendor', intent.procoreId),
      linkedKey: ownLink(links)?.erpKey ?? null,
    };
  });
  return readErpSide(connection, wanted, recordId, linkedKey);
}

/** Runs on the ERP queue. */
export const exportErpActivities = (deps: ActivityDeps) => ({
  /** Reads what the plan depends on and stores it. Decides nothing. */
  async readVendorExport(ref: RequestRef): Promise<ReadView> {
    const connection = connectionOf(deps, ref.connectionId);
    return settle(async () => {
      const body = await readForRequest(deps, connection, ref);
      await deps.store.transaction('export.snapshot', (t) =>
        t.plans.putSnapshot({
          connectionId: ref.connectionId,
          requestId: ref.requestId,
          page: 0,
          body,
          readAt: deps.now(),
        }),
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
      const { row, plan } = await approvedPlan(deps, input);
      const operation = plan.operations.find(({ side }) => side === 'erp');
      if (!operation) return noteExisting(deps, connection, row, plan);
      const written = await connection.erp.ledger.find(operation.operationKey);
      if (written === null) {
        const moved = await rebuiltDiffers(deps, connection, input);
        if (moved !== null) return planMoved(deps, row, plan.hash, moved);
      }
      const [result] = await vendorsOf(connection).write([toWrite(operation, plan.hash)]);
      if (!result) throw new Error('the ERP adapter gave no result for the operation');
      return recordResult(deps, row, plan, operation, result);
    });
  },
});

/** The stored plan with this hash, and proof that it was approved. */
async function approvedPlan(
  deps: ActivityDeps,
  input: RequestRef & { planHash: string },
): Promise<{ row: ErpRequestRow; plan: Plan }> {
  return deps.store.read('export.approved', async (t) => {
    const row = await t.requests.get(input.connectionId, input.requestId);
    const stored = await t.plans.latest(input);
    const approval = await t.plans.approval(input, input.planHash);
    if (stored?.hash !== input.planHash || approval?.decision !== 'approved') {
      throw new TiebackError('POLICY_APPROVAL_NEEDED', {
        reason: 'the newest plan of this request has no approval',
      });
    }
    return { row, plan: { ...stored.body, hash: stored.hash } };
  });
}

async function rebuiltDiffers(
  deps: ActivityDeps,
  connection: ConnectionParts,
  input: RequestRef & { planHash: string },
): Promise<string | null> {
  const fresh = await readForRequest(deps, connection, input);
  const rebuilt = await deps.store.read('export.rebuild', async (t) => {
    const row = await t.requests.get(input.connectionId, input.requestId);
    return planVendorExport(await planInput(t, connection, row, fresh));
  });
  if (rebuilt.kind === 'refused') return rebuilt.problems.join(' ');
  return rebuilt.plan.hash === input.planHash
    ? null
    : 'The ERP or the links changed after the plan was approved.';
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
  fields: operation.record ?? {},
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

function operationRow(
  { connectionId, requestId }: RequestRef,
  planHash: string,
  { operationKey, side, action, recordId }: PlannedOperation,
  outcome: Pick<OperationRow, 'state' | 'erpKey' | 'reason' | 'record' | 'at'>,
): OperationRow {
  return { operationKey, connectionId, requestId, planHash, side, action, recordId, ...outcome };
}

/** A plan that writes nothing to the ERP ties to a record that is there: remember it as it is now. */
async function noteExisting(
  deps: ActivityDeps,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
): Promise<ApplyView> {
  const moved = await rebuiltDiffers(deps, connection, { ...row, planHash: plan.hash });
  if (moved !== null) return planMoved(deps, row, plan.hash, moved);
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

/** Run on the main queue, as local activities. */
export const exportStoreActivities = (deps: ActivityDeps) => ({
  /**
   * Builds the plan from what was stored, asks the policy, and remembers both. A plan that was approved before (a worker died, or the
   * Temporal server was emptied) keeps its approval. `askFinance` is set when the ERP itself asked for an approval.
   */
  async planVendorExport(input: RequestRef & { askFinance: string | null }): Promise<PlanView> {
    const connection = connectionOf(deps, input.connectionId);
    return deps.store.transaction('export.plan', async (t): Promise<PlanView> => {
      const now = deps.now();
      const row = await t.requests.get(input.connectionId, input.requestId);
      const snapshot = await t.plans.snapshot(input, 0);
      if (!snapshot) throw new Error(`nothing was read for ERP request ${input.requestId}`);
      const planned = planVendorExport(await planInput(t, connection, row, snapshot.body as ErpSide));
      if (planned.kind === 'refused') {
        const error = new TiebackError('ERP_REFUSED', { reason: planned.problems.join(' ') }).toShape();
        const recordId = recordIdOf('vendor', intentOf(connection, row).procoreId);
        await park(t, input, recordId, error, now, [
          auditEntry(row, now, 'plan.refused', { detail: { problems: planned.problems } }),
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

/** Decides by an earlier approval, or by policy; sets the status that follows. */
export async function settlePlan(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
  plan: Plan,
  askFinance: string | null,
  now: string,
  audit: AuditEntry[],
): Promise<PlanView> {
  const { connectionId, requestId } = row;
  const earlier = await t.plans.approval(row, plan.hash);
  const policy = decide(plan, row.eventName ?? '', connection.policy.rules);
  const rejected = earlier?.decision === 'rejected';
  // Where the ERP asks for a person, the approval of a rule is not enough.
  const holds =
    earlier?.decision === 'approved' && (askFinance === null || !earlier.decidedBy.startsWith('rule:'));
  const approved = !rejected && (holds || (askFinance === null && policy.decision === 'approve'));
  const by = rejected || holds ? (earlier?.decidedBy ?? '') : `rule:${policy.rule}`;
  if (approved && !holds) {
    await t.plans.decide({
      connectionId,
      requestId,
      planHash: plan.hash,
      decision: 'approved',
      decidedBy: by,
      comment: '',
      channel: 'policy',
      at: now,
    });
    audit.push(auditEntry(row, now, 'approval.granted', { actor: by, planHash: plan.hash }));
  }
  const why =
    policy.rule === 'default'
      ? 'No policy rule approves this plan.'
      : `Policy rule "${policy.rule}" asks finance.`;
  const waiting = askFinance ?? (plan.warnings.length > 0 ? plan.warnings.join(' ') : why);
  await t.requests.setStatus(
    row,
    approved ? 'applying' : 'waiting_for_finance',
    approved ? null : waiting,
    now,
  );
  const { approvers, requireSecondPerson } = connection.policy;
  const allowed = approvers.filter(
    ({ procoreUserId }) =>
      !requireSecondPerson || procoreUserId === undefined || procoreUserId !== row.requestedBy,
  );
  return {
    kind: 'plan',
    hash: plan.hash,
    decision: rejected ? 'rejected' : approved ? 'approve' : 'ask_finance',
    by,
    comment: rejected ? (earlier?.comment ?? '') : '',
    operations: plan.operations.length,
    warnings: plan.warnings.length,
    approvers: allowed.map(({ id }) => id),
  };
}

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
      const { row, plan } = await approvedPlan(deps, input);
      const intent = intentOf(connection, row);
      const { erpKey, record, generation } = await whatIsThere(deps, row, plan);
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
async function whatIsThere(
  deps: ActivityDeps,
  row: ErpRequestRow,
  plan: Plan,
): Promise<{ erpKey: string; record: Vendor; generation: number }> {
  const keys = new Map(plan.operations.map(({ operationKey, generation }) => [operationKey, generation]));
  const rows = await deps.store.read('export.operations', (t) => t.plans.operations(row));
  const done = rows.find(({ operationKey, record }) => keys.has(operationKey) && record !== null);
  if (!done?.record || done.erpKey === null)
    throw new Error(`nothing was applied for ERP request ${row.requestId}`);
  return { erpKey: done.erpKey, record: done.record, generation: keys.get(done.operationKey) ?? 1 };
}
