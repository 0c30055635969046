import type { AuditEntry } from '../domain/audit/chain';
import { definitionOf } from '../domain/kinds/entity';
import { WAITS } from '../domain/request/exception';
import { recordIdOf } from '../domain/base/identity';
import type { LeftOut, Plan } from '../domain/plan/plan';
import type { PageView, PlanView, RequestRef } from '../domain/request/flow';
import { workflowIdOf } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow, OperationRow } from '../store/rows';
import { approvedPlan, operationRow } from './approved-plan';
import { assertOwnOrigins } from './census';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle } from './deps';
import { auditEntry, releasedBy } from './ledger';
import { linkedRecords, openException } from './links';
import type { Sent } from './procore-writes';
import { intentOf } from './request-body';
import { settlePlan } from './settle-plan';
import type { Known, SyncKind } from './sync-kind';
import { syncKindOf } from './sync-kind';

/** One page of ERP records as read. */
interface PageSnapshot {
  readonly from: string | null;
  readonly to: string | null;
  readonly records: readonly Known[];
  /** Keys of records with an open exception, which were read again; one that is not among `records` is gone from the ERP. */
  readonly retried: readonly string[];
  readonly last: boolean;
}

export type SyncPageRef = RequestRef & { readonly page: number };

/** Runs on the ERP queue. */
export const syncErpActivities = (deps: ActivityDeps) => ({
  /**
   * Reads the next page of changed records and stores it. The first page starts at the checkpoint and takes up again the records
   * that could not be carried before. A page that was read already is not read again.
   */
  async readPage(input: SyncPageRef): Promise<PageView> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async (): Promise<PageView> => {
      const known = await deps.store.read('sync.position', async (t) => {
        const kind = await kindOf(t, connection, input);
        return {
          kind,
          page: await t.plans.snapshot(input, input.page),
          before: input.page === 0 ? null : await t.plans.snapshot(input, input.page - 1),
          checkpoint: await t.checkpoints.get(input.connectionId, kind.reader),
          open: input.page === 0 ? await t.exceptions.listOpen(input.connectionId, kind.entity) : [],
        };
      });
      if (known.page) return describePage(known.page.body as PageSnapshot);
      const from =
        input.page === 0
          ? (known.checkpoint?.cursor ?? null)
          : ((known.before?.body as PageSnapshot).to ?? null);
      const snapshot = await readPage(
        connection,
        known.kind,
        from,
        connection.pageSize,
        known.open.map(({ erpKey }) => erpKey),
      );
      await deps.store.transaction('sync.snapshot', async (t) => {
        const { connectionId, requestId, page } = input;
        await t.plans.putSnapshot({ connectionId, requestId, page, body: snapshot, readAt: deps.now() });
      });
      return describePage(snapshot);
    });
  },
});

const describePage = ({ records, last }: PageSnapshot): PageView => ({
  kind: 'page',
  records: records.length,
  last,
});

/** The kind of record that a sync request is about. */
async function kindOf(t: Repositories, connection: ConnectionParts, ref: RequestRef): Promise<SyncKind> {
  const row = await t.requests.get(ref.connectionId, ref.requestId);
  return syncKindOf(intentOf(connection, row, 'sync').entity);
}

async function readPage(
  connection: ConnectionParts,
  kind: SyncKind,
  from: string | null,
  pageSize: number,
  again: readonly (string | null)[],
): Promise<PageSnapshot> {
  const retried = [...new Set(again.filter((key) => key !== null))];
  const parked = retried.length === 0 ? [] : await kind.read(connection, retried);
  for await (const { records, cursor } of kind.readChanged(connection, from, pageSize)) {
    // Parked records come first: when the page holds one too, it is the newer reading.
    const last = records.length < pageSize;
    return { from, to: cursor, records: [...parked, ...records], retried, last };
  }
  return { from, to: from, records: parked, retried, last: true };
}

/** Run on the main queue, as local activities. */
export const syncStoreActivities = (deps: ActivityDeps) => ({
  /** Plans one page and lets the policy decide. A page with nothing to do moves the checkpoint at once. */
  async planPage(input: SyncPageRef): Promise<PlanView> {
    const connection = connectionOf(deps, input.connectionId);
    return deps.store.transaction('sync.plan', async (t): Promise<PlanView> => {
      const now = deps.now();
      const row = await t.requests.get(input.connectionId, input.requestId);
      const { body, plan, kind } = await planOfPage(t, connection, row, input);
      const audit: AuditEntry[] = [];
      const idle = plan.operations.length === 0 && plan.leftOut.length === 0;
      if (idle) {
        await resolveFine(t, input, kind, body, new Set(), now, audit);
        await moveCheckpoint(t, input, kind, body, now);
      } else if ((await t.plans.add(input, input.page, plan, now)).isNew) {
        const detail = { page: input.page, operations: plan.operations.length, unchanged: plan.unchanged };
        audit.push(auditEntry(row, now, 'plan.built', { planHash: plan.hash, detail }));
      }
      const view = idle ? nothingToDo(plan) : await settlePlan(t, connection, row, plan, null, now, audit);
      await t.audit.append(input.connectionId, audit);
      return view;
    });
  },
});

const nothingToDo = (plan: Plan): PlanView => ({
  kind: 'plan',
  hash: plan.hash,
  decision: 'approve',
  comment: '',
  by: 'rule:nothing-to-do',
  operations: 0,
  warnings: 0,
  approvers: [],
});

async function planOfPage(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
  input: SyncPageRef,
): Promise<{ body: PageSnapshot; plan: Plan; kind: SyncKind }> {
  const snapshot = await t.plans.snapshot(input, input.page);
  if (!snapshot) throw new Error(`page ${input.page} of ERP request ${input.requestId} was not read`);
  const body = snapshot.body as PageSnapshot;
  const { entity, listId } = intentOf(connection, row, 'sync');
  const kind = syncKindOf(entity);
  return { body, kind, plan: await kind.plan(t, connection, body.records, listId) };
}

async function moveCheckpoint(
  t: Repositories,
  input: SyncPageRef,
  { reader }: SyncKind,
  { from, to }: PageSnapshot,
  now: string,
): Promise<void> {
  if (to !== null) await t.checkpoints.move(input.connectionId, reader, from, to, now);
  await t.plans.dropSnapshots(input, input.page);
}

/** What needed no write, was written, or is gone from the ERP has no open exception any more. */
async function resolveFine(
  t: Repositories,
  { connectionId, requestId }: RequestRef,
  { entity }: SyncKind,
  { records, retried }: PageSnapshot,
  failing: ReadonlySet<string | null>,
  now: string,
  audit: AuditEntry[],
): Promise<void> {
  const keys = new Set([...retried, ...records.map(({ key }) => key)]);
  const fine = [...keys].filter((key) => !failing.has(key));
  for (const resolved of await t.exceptions.resolveErpKeys(connectionId, entity, fine, now)) {
    const opener = {
      requestId: resolved.requestId,
      workflowId: workflowIdOf(connectionId, resolved.requestId),
    };
    const detail = { reason: resolved.reason, by: recordIdOf('erp_request', requestId) };
    audit.push(auditEntry(opener, now, 'exception.resolved', { subject: resolved.recordId, detail }));
  }
}

export interface SyncPageResult {
  readonly kind: 'synced';
  readonly written: number;
  readonly refused: number;
  /** Held requests that may go on because of what was linked. */
  readonly released: readonly number[];
}

/** Runs on the Procore queue. */
export const syncProcoreActivities = (deps: ActivityDeps) => ({
  /**
   * Writes one approved page to Procore and remembers, in one transaction, the links, the records Procore did not take, and the
   * checkpoint. Both calls are upserts by origin_id or id: repeating them is harmless.
   */
  async applyPage(input: SyncPageRef & { planHash: string }): Promise<SyncPageResult | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async (): Promise<SyncPageResult> => {
      const before = await deps.store.read('sync.open', (t) => recordedPage(t, input));
      if (before) return before;
      await assertOwnOrigins(deps, connection);
      const { approved, kind } = await deps.store.read('sync.approved', async (t) => ({
        approved: await approvedPlan(t, input, input.page),
        kind: await kindOf(t, connection, input),
      }));
      const { row, plan } = approved;
      const sent = await kind.write(connection, plan.operations);
      return deps.store.transaction('sync.applied', async (t) => {
        const meanwhile = await recordedPage(t, input);
        if (meanwhile) return meanwhile;
        await recordPage(t, connection, input, kind, row, plan, sent, deps.now());
        return resultOfPage(t, input, plan, sent.refused.size);
      });
    });
  },

  /** The records of this request that were not carried, a line each, for the closing message. */
  async syncProblems(ref: RequestRef): Promise<readonly string[]> {
    const open = await deps.store.read('sync.problems', (t) =>
      t.exceptions.ofRequest(ref.connectionId, ref.requestId),
    );
    return open
      .filter(({ resolvedAt, kind }) => resolvedAt === null && kind !== WAITS)
      .map(({ reason }) => reason);
  },
});

/** A page that was recorded already, when the step is repeated because its answer was lost: Procore is not told again. */
async function recordedPage(
  t: Repositories,
  input: SyncPageRef & { readonly planHash: string },
): Promise<SyncPageResult | null> {
  const stored = await t.plans.latest(input, input.page);
  if (stored?.state !== 'applied' || stored.hash !== input.planHash) return null;
  const operations = await t.plans.operations(input);
  const refused = operations.filter(
    ({ planHash, state }) => planHash === stored.hash && state === 'refused',
  ).length;
  return resultOfPage(t, input, { ...stored.body, hash: stored.hash }, refused);
}

async function resultOfPage(
  t: Repositories,
  ref: RequestRef,
  plan: Plan,
  refused: number,
): Promise<SyncPageResult> {
  const faults = plan.leftOut.filter(({ waits }) => waits !== true).length;
  const released = await releasedBy(t, ref, linkedRecords(plan));
  return { kind: 'synced', written: plan.operations.length - refused, refused: refused + faults, released };
}

async function recordPage(
  t: Repositories,
  connection: ConnectionParts,
  input: SyncPageRef,
  kind: SyncKind,
  row: ErpRequestRow,
  plan: Plan,
  sent: Sent,
  now: string,
): Promise<void> {
  const { connectionId } = input;
  const stored = await t.plans.latest(input, input.page);
  const audit: AuditEntry[] = [];
  const failing = new Set<string | null>(plan.leftOut.map(({ erpKey }) => erpKey));
  const rows: OperationRow[] = [];
  for (const operation of plan.operations) {
    const { recordId, erpKey, record, link, target } = operation;
    const words = sent.refused.get(operation);
    const state = words ? ('refused' as const) : ('confirmed' as const);
    const reason = words ? `${target}: ${words.join('; ')}` : null;
    rows.push(operationRow(input, plan.hash, operation, { state, erpKey, reason, record, at: now }));
    if (reason !== null) {
      failing.add(erpKey);
      await openException(t, row, { recordId, erpKey, reason }, now, audit, 'procore');
    } else if (link) {
      const procoreId =
        link.procoreId ?? (link.state === 'linked' ? (sent.ids.get(link.erpKey) ?? null) : null);
      await t.links.advance(connectionId, { ...link, procoreId }, now);
    }
  }
  for (const left of plan.leftOut) {
    await openException(t, row, leftOutOf(left), now, audit, left.waits === true ? WAITS : 'data');
  }
  await t.plans.putOperations(rows);
  if (stored) await t.plans.setState(stored, 'applied');
  const snapshot = await t.plans.snapshot(input, input.page);
  if (snapshot) {
    const body = snapshot.body as PageSnapshot;
    await resolveFine(t, input, kind, body, failing, now, audit);
    await moveCheckpoint(t, input, kind, body, now);
  }
  const refused = rows.filter(({ state }) => state === 'refused').length;
  const detail = {
    page: input.page,
    written: rows.length - refused,
    refused,
    leftOut: plan.leftOut.length,
  };
  audit.unshift(
    auditEntry(row, now, 'operation.written', {
      subject: `${definitionOf(kind.entity).plural} of ${connection.id}`,
      planHash: plan.hash,
      detail,
    }),
  );
  await t.audit.append(connectionId, audit);
}

const leftOutOf = (left: LeftOut): LeftOut => ({
  ...left,
  reason: left.waits === true ? left.reason : `${left.erpKey ?? left.recordId}: ${left.reason}`,
});
