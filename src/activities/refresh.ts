import type { AuditEntry } from '../domain/audit/chain';
import type { JobRefresh, ProcoreId } from '../domain/request/intent';
import { TiebackError } from '../domain/base/errors';
import { erpKeyOfOriginId, recordIdOf } from '../domain/base/identity';
import type { Plan, PlannedOperation } from '../domain/plan/plan';
import { planJobRefresh, refreshedBase } from '../domain/plan/refresh';
import type { KnownRecord } from '../domain/plan/export';
import { syncRevisionOf } from '../domain/plan/sync';
import type { CanonicalRecord } from '../domain/kinds/record';
import type { RecordLink } from '../domain/kinds/record-link';
import type { ClosedRequest, PlanView, ReadView, RequestRef } from '../domain/request/flow';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import { approvedPlan, operationRow } from './approved-plan';
import { assertOwnOrigins } from './census';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, recordsOf, settle } from './deps';
import { alreadyClosed, auditEntry, close, releasedBy } from './ledger';
import { openException } from './links';
import type { Sent } from './procore-writes';
import { sendToProcore } from './procore-writes';
import { intentOf } from './request-body';
import { settlePlan } from './settle-plan';

/** The job as the ERP holds it; null: it is not there any more. */
interface JobSnapshot {
  readonly known: KnownRecord | null;
}

/** Runs on the ERP queue. */
export const refreshErpActivities = (deps: ActivityDeps) => ({
  /** Reads one job or sub job with its phases, cost types and costs, and stores it. */
  async readJob({ connectionId, requestId }: RequestRef): Promise<ReadView> {
    const connection = connectionOf(deps, connectionId);
    return settle(async (): Promise<ReadView> => {
      const intent = await deps.store.read('refresh.request', async (t) =>
        intentOf(connection, await t.requests.get(connectionId, requestId), 'refresh'),
      );
      const key = keyOf(intent);
      const [known] = await recordsOf(connection, intent.entity).read([key]);
      const body: JobSnapshot = { known: known ?? null };
      await deps.store.transaction('refresh.snapshot', (t) =>
        t.plans.putSnapshot({ connectionId, requestId, page: 0, body, readAt: deps.now() }),
      );
      return { kind: 'read' };
    });
  },
});

function keyOf({ entity, originId }: JobRefresh): string {
  const key = erpKeyOfOriginId(entity, originId);
  if (key !== null) return key;
  const reason = `origin_id "${originId}" of the ${entity.replace('_', ' ')} is not one of ours: another integration may own it`;
  throw new TiebackError('REQUEST_MALFORMED', { reason });
}

/** Run on the main queue, as local activities. */
export const refreshStoreActivities = (deps: ActivityDeps) => ({
  /** Plans what Procore lacks and lets the policy decide. */
  async planRefresh(input: RequestRef): Promise<PlanView> {
    const connection = connectionOf(deps, input.connectionId);
    return deps.store.transaction('refresh.plan', async (t): Promise<PlanView> => {
      const now = deps.now();
      const row = await t.requests.get(input.connectionId, input.requestId);
      const intent = intentOf(connection, row, 'refresh');
      const snapshot = await t.plans.snapshot(input, 0);
      const { known } = (snapshot?.body ?? { known: null }) as JobSnapshot;
      if (known === null) {
        const reason = `${intent.label} is not in the ERP any more`;
        return { kind: 'refused', error: new TiebackError('ERP_REFUSED', { reason }).toShape() };
      }
      const plan = await planOf(t, connection, intent, known);
      const audit: AuditEntry[] = [];
      if ((await t.plans.add(input, 0, plan, now)).isNew) {
        const detail = { operations: plan.operations.length };
        audit.push(auditEntry(row, now, 'plan.built', { planHash: plan.hash, detail }));
      }
      const view = await settlePlan(t, connection, row, plan, null, now, audit);
      await t.audit.append(input.connectionId, audit);
      return view;
    });
  },
});

async function planOf(
  t: Repositories,
  connection: ConnectionParts,
  intent: JobRefresh,
  known: KnownRecord,
): Promise<Plan> {
  const [link] = await t.links.byErpKeys(connection.id, intent.entity, [known.key]);
  const costTypes = await t.links.linked(connection.id, 'line_item_type');
  return planJobRefresh({ connectionId: connection.id, intent, known, link: link ?? null, costTypes });
}

/** Runs on the Procore queue. */
export const refreshProcoreActivities = (deps: ActivityDeps) => ({
  /**
   * Brings the project up to date in Procore, then our link and its base, in one transaction. What Procore refuses stays an exception and is
   * tried again with the next refresh. Every call is an upsert, so the whole step may be repeated.
   */
  async applyRefresh(
    input: RequestRef & { planHash: string },
  ): Promise<({ readonly kind: 'closed' } & ClosedRequest) | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async () => {
      const closedBefore = await deps.store.read('refresh.open', (t) => alreadyClosed(t, input));
      if (closedBefore) return { kind: 'closed' as const, ...closedBefore };
      await assertOwnOrigins(deps, connection);
      const { row, plan, before } = await deps.store.read('refresh.approved', async (t) => {
        const approved = await approvedPlan(t, input);
        const link = approved.plan.operations[0]?.link ?? null;
        const [current] = link ? await t.links.byErpKeys(connection.id, link.entity, [link.erpKey]) : [];
        return { ...approved, before: (current ?? null) as RecordLink<CanonicalRecord> | null };
      });
      const sent = await sendToProcore(
        connection,
        plan.operations.filter(({ side }) => side === 'procore'),
      );
      const closed = await deps.store.transaction('refresh.closed', (t) =>
        record(t, connection, input, row, plan, before, sent, deps.now()),
      );
      return { kind: 'closed' as const, ...closed };
    });
  },
});

async function record(
  t: Repositories,
  connection: ConnectionParts,
  ref: RequestRef,
  row: ErpRequestRow,
  plan: Plan,
  before: RecordLink<CanonicalRecord> | null,
  sent: Sent,
  now: string,
): Promise<ClosedRequest> {
  const meanwhile = await alreadyClosed(t, ref);
  if (meanwhile) return meanwhile;
  const audit: AuditEntry[] = [];
  const rows = plan.operations.map((operation) => {
    const words = sent.refused.get(operation);
    const reason = words ? `${operation.target}: ${[...new Set(words)].join('; ')}` : null;
    const state = words ? ('refused' as const) : ('confirmed' as const);
    return operationRow(row, plan.hash, operation, {
      state,
      reason,
      erpKey: operation.erpKey,
      record: null,
      at: now,
    });
  });
  await t.plans.putOperations(rows);
  const stored = await t.plans.latest(ref);
  if (stored) await t.plans.setState(stored, 'applied');
  const link = plan.operations[0]?.link ?? null;
  if (link?.base) {
    const base = refreshedBase(
      link.base as CanonicalRecord,
      before?.base ?? null,
      codeIds(plan, sent),
      refusedLines(sent),
    );
    const baseRevision = syncRevisionOf(
      plan.operations[0]?.entity === 'sub_job' ? 'sub_job' : 'project',
      base,
    );
    if (await t.links.advance(connection.id, { ...link, base, baseRevision }, now)) {
      const { erpKey, procoreId, state, generation } = link;
      const detail = { erpKey, procoreId, state, generation };
      const subject = recordIdOf(link.entity, procoreId ?? `erp:${erpKey}`);
      audit.push(auditEntry(row, now, 'link.changed', { subject, planHash: plan.hash, detail }));
    }
  }
  await t.exceptions.resolve({ connectionId: connection.id, requestId: row.requestId }, now);
  const problems = rows.flatMap(({ reason, recordId }) =>
    reason === null ? [] : [{ reason, recordId, erpKey: null }],
  );
  for (const problem of [...plan.leftOut, ...problems])
    await openException(t, row, problem, now, audit, 'procore');
  const result = resultOf(
    plan,
    [...plan.leftOut, ...problems].map(({ reason }) => reason),
  );
  await close(t, ref, result.status, result.summary, now, audit);
  const linked = typeof link?.procoreId === 'number' ? [recordIdOf(link.entity, link.procoreId)] : [];
  return { result, released: await releasedBy(t, ref, linked) };
}

/** Ids of the cost codes that Procore created or found, by their number. */
const codeIds = (plan: Plan, { ids }: Sent): ReadonlyMap<string, ProcoreId> => {
  const codes = plan.operations.flatMap(({ write }) =>
    write?.kind === 'sync' && write.resource === 'cost_codes' ? write.rows.map(({ key }) => key) : [],
  );
  return new Map(codes.flatMap((key) => (ids.has(key) ? [[key, ids.get(key) ?? 0] as const] : [])));
};

const LINE_KINDS: Readonly<Record<string, string>> = {
  projects: 'header',
  sub_jobs: 'header',
  cost_codes: 'cost_code',
  cost_code_line_item_types: 'cost_type_assignment',
  erp_job_costs: 'job_cost',
};

const refusedLines = ({ refusedRows }: Sent): ReadonlySet<string> =>
  new Set(
    [...refusedRows].flatMap(([{ write }, keys]: [PlannedOperation, ReadonlySet<string>]) => {
      const kind = write?.kind === 'sync' ? LINE_KINDS[write.resource] : undefined;
      const all = keys.has('') && write?.kind === 'sync' ? write.rows.map(({ key }) => key) : [...keys];
      return kind === undefined ? [] : all.map((key) => `${kind}/${key}`);
    }),
  );

function resultOf({ operations, subject }: Plan, problems: readonly string[]): ClosedRequest['result'] {
  const sent = operations
    .filter(({ side }) => side === 'procore')
    .map(({ target, write }) => (write?.kind === 'sync' ? `${write.rows.length} × ${target}` : target));
  const done = sent.length === 0 ? `${subject}: nothing changed.` : `${subject}: ${sent.join(', ')}.`;
  if (problems.length === 0) return { status: 'applied', summary: done };
  return { status: 'failed', summary: `${done} ${problems.slice(0, 3).join(' · ')}` };
}
