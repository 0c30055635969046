import { TiebackError } from '../../domain/base/errors';
import { revisionOf } from '../../domain/base/identity';
import type { Fields } from '../../domain/kinds/record';
import type { ErpWrite } from '../../domain/plan/operation';
import { isErpWrite } from '../../domain/plan/operation';
import type { Plan } from '../../domain/plan/plan';
import { mappedAs } from '../../domain/reconcile/mapping/fingerprint';
import type { ApprovedRef, Interruption, PagesRef, PagesWritten } from '../../domain/request/flow';
import type { RecordWrite, WriteResult } from '../../erp-adapters/contract/adapter';
import type { SyncRequestRow } from '../../store/rows';
import { assertInForce, policyNow, requesterOf } from '../approval';
import { mayWrite } from '../census';
import type { ActivityDeps, ConnectionParts } from '../deps';
import { capabilityOf, connectionOf } from '../deps';
import { FENCE, Fence } from '../export/fence';
import { ahead, approvedPlan, inHandOf } from '../in-hand';
import { notingIncidents } from '../record/incident';
import type { OperationResult } from '../record/outcome';
import { NOTHING_HAPPENED, recordOutcome } from '../record/outcome';
import { tellProgress } from '../beating';
import { settle } from '../step';

/** Runs on the ERP queue. */
export const writeErpPagesActivities = (deps: ActivityDeps, fence = new Fence(deps)) => ({
  /**
   * Writes the approved pages to the ERP, each in one batch whose operations commit with their ledger entries. A record that somebody changed there
   * meanwhile is left alone and looked at again; one that is refused does not stop the others.
   */
  async writeErpPages(input: PagesRef): Promise<PagesWritten | Interruption> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const moved: { page: number; reason: string }[] = [];
      let [written, refused] = [0, 0];
      for (const [index, { page, planHash }] of input.pages.entries()) {
        tellProgress(`page ${index + 1} of ${input.pages.length}`);
        const { connectionId, id } = input;
        const at = { connectionId, id, page, planHash };
        try {
          const done = await writePage(deps, connection, fence, at);
          if ('kind' in done) return done;
          written += done.written;
          refused += done.refused;
        } catch (error) {
          if (!(error instanceof TiebackError) || error.class !== 'policy') throw error;
          moved.push({ page, reason: error.message });
        }
      }
      return { kind: 'written' as const, written, refused, released: [], moved };
    });
  },
});

async function writePage(
  deps: ActivityDeps,
  connection: ConnectionParts,
  fence: Fence,
  at: ApprovedRef,
): Promise<{ readonly written: number; readonly refused: number } | Extract<Interruption, { kind: 'busy' }>> {
  const found = await notingIncidents(deps, at, () =>
    deps.store.read('reconcile.approved', async (t) => {
      await ahead(
        t.requests.get(at),
        t.requests.reading(at),
        t.plans.latest(at),
        t.audit.sealed(at, { planHash: at.planHash }),
        t.plans.lastErpWrites(connection.id, FENCE),
        mayWrite(t, connection),
        requesterOf(t, at),
        policyNow(t, connection, deps.people.keys),
      );
      const { row } = await inHandOf(t, connection, at);
      return {
        row,
        approved: await approvedPlan(t, at, 'reconcile', deps.people.keys),
        policy: await policyNow(t, connection, deps.people.keys),
        allowed: await mayWrite(t, connection),
        last: await t.plans.lastErpWrites(connection.id, FENCE),
      };
    }),
  );
  const { row, approved, policy, allowed, last } = found;
  const { plan, decision, requestedBy } = approved;
  const recorded = new Set(approved.operations.map(({ operationKey }) => operationKey));
  const writes = plan.operations.filter(isErpWrite).filter(({ operationKey }) => !recorded.has(operationKey));
  if (writes.length === 0) return { written: 0, refused: 0 };
  if (!allowed) throw new TiebackError('FOREIGN_ORIGINS', { found: 'the origin_ids in Procore' });
  const known = await connection.erp.ledger.find(writes.map(({ operationKey }) => operationKey));
  if (known.length < writes.length) await fence.assertNotOlder(connection, last);
  if (known.length === 0) assertInForce({ policy, row, plan, requestedBy }, decision);
  const [first] = writes;
  if (first === undefined) return { written: 0, refused: 0 };
  // The same value would be another one in the ERP than was approved.
  if (known.length === 0 && plan.facts.mapping !== mappedAs(connection.reconcile.mapping, first.kind))
    throw new TiebackError('POLICY_APPROVAL_NEEDED', {
      reason: 'The mapping of the connection is another than when this was planned.',
    });
  const results = await capabilityOf(connection, first.kind).write(
    writes.map((write) => recordWrite(write, plan)),
  );
  if (results.length !== writes.length) throw new Error('the ERP adapter did not answer every operation');
  const done: OperationResult[] = [];
  let busy: Extract<WriteResult, { status: 'busy' }> | null = null;
  for (const [index, operation] of writes.entries()) {
    const result = results[index];
    if (result === undefined) continue;
    if (result.status === 'busy') busy = result;
    else done.push(resultOf(operation, result));
  }
  await record(deps, row, plan, at.page, done);
  if (busy !== null) return { kind: 'busy', reason: busy.reason, retryAfterMs: busy.retryAfterMs };
  const refused = done.filter(({ state }) => state === 'refused').length;
  return { written: done.length - refused, refused };
}

const recordWrite = (operation: ErpWrite, plan: Plan): RecordWrite => {
  const { operationKey, recordId, generation, targetRevision, action, erpKey, record } = operation;
  const base = {
    operationKey,
    recordId,
    generation,
    targetRevision,
    planHash: plan.hash,
    action,
    erpKey,
    record,
  };
  return { ...base, expected: action === 'update' ? expectedOf(operation) : null };
};

/** Old values of the header, as the plan showed them: where one is another now, nothing is written. */
const expectedOf = ({ changes, record: { fields } }: ErpWrite): Fields =>
  Object.fromEntries(
    changes.flatMap(({ field, old }) => (Object.hasOwn(fields, field) ? [[field, old]] : [])),
  );

function resultOf(operation: ErpWrite, result: Exclude<WriteResult, { status: 'busy' }>): OperationResult {
  const refused = (reason: string, code: string): OperationResult => ({
    operation,
    state: 'refused',
    erpKey: operation.erpKey,
    record: null,
    reason: `${operation.target}: ${reason}`,
    told: { action: 'operation.refused', detail: { code, reason, operation: operation.operationKey } },
  });
  switch (result.status) {
    case 'moved':
      return refused(`it changed in the ERP meanwhile: ${result.reason}`, 'moved');
    case 'taken':
      return refused(`the ERP has another write of it (${result.by.operationKey})`, 'taken');
    case 'refused':
      return refused(result.error.message, result.error.code);
    default: {
      const { erpKey, record, replayed, status } = result;
      const { operationKey, targetRevision } = operation;
      const detail = {
        operation: operationKey,
        status,
        erpKey,
        replayed,
        recordRevision: revisionOf(record),
        targetRevision,
      };
      const told = {
        action: replayed ? ('operation.adopted' as const) : ('operation.written' as const),
        detail,
      };
      return { operation, state: 'written', erpKey, reason: null, record, told };
    }
  }
}

/** A repetition of what was recorded before adds nothing. */
const record = (
  deps: ActivityDeps,
  row: SyncRequestRow,
  plan: Plan,
  page: number,
  results: readonly OperationResult[],
): Promise<void> =>
  deps.store.transaction('reconcile.written', row.connectionId, async (t) => {
    const operations = results.map(({ operation }) => operation);
    const known = await t.plans.operationStates(row, operations);
    const before = new Map(known.map((one) => [one.operationKey, one.state]));
    const fresh = results.filter(({ operation }) => before.get(operation.operationKey) === undefined);
    if (fresh.length === 0) return;
    await recordOutcome(t, { row, plan, page }, { ...NOTHING_HAPPENED, results: fresh }, { now: deps.now() });
  });
