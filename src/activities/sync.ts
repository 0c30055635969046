import type { AuditEntry } from '../domain/audit';
import { TiebackError } from '../domain/errors';
import { recordIdOf } from '../domain/identity';
import type { LeftOut, Plan, PlannedOperation } from '../domain/plan';
import { planHash } from '../domain/plan';
import type { KnownVendor } from '../domain/plan-vendor-export';
import { planVendorSync, vendorOriginId } from '../domain/plan-vendor-sync';
import type { PageView, PlanView, RequestRef } from '../domain/request-flow';
import { workflowIdOf } from '../domain/request-id';
import type { Vendor, VendorField } from '../domain/vendor';
import type { VendorCapability } from '../erp-adapters/adapter';
import type { ItemError } from '../procore/port';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow } from '../store/rows';
import type { ActivityDeps, Busy, ConnectionParts, Stopped } from './deps';
import { connectionOf, settle, vendorsOf } from './deps';
import { settlePlan } from './settle-plan';
import { auditEntry } from './ledger';
import { openException } from './links';

/** Reader name of the vendor checkpoint: its cursor is the adapter's own. */
const READER = 'vendors';

/** One page of ERP vendors as read. */
interface VendorPageSnapshot {
  readonly from: string | null;
  readonly to: string | null;
  readonly records: readonly KnownVendor[];
  /** Keys of records with an open exception, which were read again; one that is not among `records` is gone from the ERP. */
  readonly retried: readonly string[];
  readonly last: boolean;
}

export type SyncPageRef = RequestRef & { readonly page: number };

/** Runs on the ERP queue. */
export const syncErpActivities = (deps: ActivityDeps) => ({
  /**
   * Reads the next page of changed vendors and stores it. The first page starts at the checkpoint and takes up again the records
   * that could not be carried before. A page that was read already is not read again.
   */
  async readVendorPage(input: SyncPageRef): Promise<PageView> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async (): Promise<PageView> => {
      const known = await deps.store.read('sync.position', async (t) => ({
        page: await t.plans.snapshot(input, input.page),
        before: input.page === 0 ? null : await t.plans.snapshot(input, input.page - 1),
        checkpoint: await t.checkpoints.get(input.connectionId, READER),
        open: input.page === 0 ? await t.exceptions.listOpen(input.connectionId) : [],
      }));
      if (known.page) return describePage(known.page.body as VendorPageSnapshot);
      const from =
        input.page === 0
          ? (known.checkpoint?.cursor ?? null)
          : ((known.before?.body as VendorPageSnapshot).to ?? null);
      const snapshot = await readPage(
        vendorsOf(connection),
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

const describePage = ({ records, last }: VendorPageSnapshot): PageView => ({
  kind: 'page',
  records: records.length,
  last,
});

async function readPage(
  vendors: VendorCapability,
  from: string | null,
  pageSize: number,
  again: readonly (string | null)[],
): Promise<VendorPageSnapshot> {
  const retried = [...new Set(again.filter((key) => key !== null))];
  const parked = retried.length === 0 ? [] : await vendors.read(retried);
  for await (const { records, cursor } of vendors.readChanged(from, pageSize)) {
    // Parked records come first: when the page holds one too, it is the newer reading.
    const last = records.length < pageSize;
    return { from, to: cursor, records: [...parked, ...records], retried, last };
  }
  return { from, to: from, records: parked, retried, last: true };
}

/** Run on the main queue, as local activities. */
export const syncStoreActivities = (deps: ActivityDeps) => ({
  /** Plans one page and lets the policy decide. A page with nothing to do moves the checkpoint at once. */
  async planVendorPage(input: SyncPageRef): Promise<PlanView> {
    const connection = connectionOf(deps, input.connectionId);
    return deps.store.transaction('sync.plan', async (t): Promise<PlanView> => {
      const now = deps.now();
      const row = await t.requests.get(input.connectionId, input.requestId);
      const { body, plan } = await planPage(t, connection, input);
      const audit: AuditEntry[] = [];
      const idle = plan.operations.length === 0 && plan.leftOut.length === 0;
      if (idle) {
        await resolveFine(t, input, body, new Set(), now, audit);
        await moveCheckpoint(t, input, body, now);
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

async function planPage(
  t: Repositories,
  connection: ConnectionParts,
  input: SyncPageRef,
): Promise<{ body: VendorPageSnapshot; plan: Plan }> {
  const snapshot = await t.plans.snapshot(input, input.page);
  if (!snapshot) throw new Error(`page ${input.page} of ERP request ${input.requestId} was not read`);
  const body = snapshot.body as VendorPageSnapshot;
  const links = await t.links.byErpKeys(
    connection.id,
    'vendor',
    body.records.map(({ key }) => key),
  );
  return { body, plan: planVendorSync({ connectionId: connection.id, records: body.records, links }) };
}

async function moveCheckpoint(
  t: Repositories,
  input: SyncPageRef,
  { from, to }: VendorPageSnapshot,
  now: string,
): Promise<void> {
  if (to !== null) await t.checkpoints.move(input.connectionId, READER, from, to, now);
  await t.plans.dropSnapshots(input, input.page);
}

/** What needed no write, was written, or is gone from the ERP has no open exception any more. */
async function resolveFine(
  t: Repositories,
  { connectionId, requestId }: RequestRef,
  { records, retried }: VendorPageSnapshot,
  failing: ReadonlySet<string | null>,
  now: string,
  audit: AuditEntry[],
): Promise<void> {
  const keys = new Set([...retried, ...records.map(({ key }) => key)]);
  const fine = [...keys].filter((key) => !failing.has(key));
  for (const resolved of await t.exceptions.resolveErpKeys(connectionId, fine, now)) {
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
}

/** Runs on the Procore queue. */
export const syncProcoreActivities = (deps: ActivityDeps) => ({
  /**
   * Writes one approved page to Procore and remembers, in one transaction, the links, the records Procore did not take, and the
   * checkpoint. Both calls are upserts by origin_id or id: repeating them is harmless.
   */
  async applyVendorPage(input: SyncPageRef & { planHash: string }): Promise<SyncPageResult | Stopped | Busy> {
    const connection = connectionOf(deps, input.connectionId);
    return settle(async (): Promise<SyncPageResult> => {
      const { row, plan } = await deps.store.read('sync.approved', (t) => approvedPage(t, input));
      const errors = await writePage(connection, plan.operations);
      const refused = new Map(errors.map(({ key, messages }) => [key, messages]));
      const unmatched = refused.get('');
      const failed = (operation: PlannedOperation): readonly string[] | undefined =>
        refused.get(vendorOriginId(operation.erpKey ?? '')) ??
        refused.get(String(operation.procoreId)) ??
        unmatched;
      await deps.store.transaction('sync.applied', (t) =>
        recordPage(t, connection, input, row, plan, failed, deps.now()),
      );
      const count = plan.operations.filter(failed).length;
      return {
        kind: 'synced',
        written: plan.operations.length - count,
        refused: count + plan.leftOut.length,
      };
    });
  },

  /** The records of this request that were not carried, a line each, for the closing message. */
  async syncProblems(ref: RequestRef): Promise<readonly string[]> {
    const open = await deps.store.read('sync.problems', (t) =>
      t.exceptions.ofRequest(ref.connectionId, ref.requestId),
    );
    return open.filter(({ resolvedAt }) => resolvedAt === null).map(({ reason }) => reason);
  },
});

async function approvedPage(
  t: Repositories,
  input: SyncPageRef & { planHash: string },
): Promise<{ row: ErpRequestRow; plan: Plan }> {
  const row = await t.requests.get(input.connectionId, input.requestId);
  const stored = await t.plans.latest(input, input.page);
  const approval = await t.plans.approval(input, input.planHash);
  if (
    stored?.hash !== input.planHash ||
    approval?.decision !== 'approved' ||
    planHash(stored.body) !== stored.hash
  ) {
    throw new TiebackError('POLICY_APPROVAL_NEEDED', {
      reason: `the stored plan of page ${input.page + 1} is not one that was approved`,
    });
  }
  return { row, plan: { ...stored.body, hash: stored.hash } };
}

async function writePage(
  { procore }: ConnectionParts,
  operations: readonly PlannedOperation[],
): Promise<readonly ItemError[]> {
  const staged = operations.flatMap(({ action, erpKey, record }) =>
    (action === 'stage' || action === 'archive') && erpKey !== null && record !== null
      ? [
          {
            erpKey,
            status: action === 'stage' ? ('staged' as const) : ('archived' as const),
            vendor: record as Vendor,
          },
        ]
      : [],
  );
  const updates = operations.flatMap(({ action, procoreId, erpKey, changes }) =>
    action === 'update' && procoreId !== null && erpKey !== null
      ? [
          {
            procoreId,
            originId: vendorOriginId(erpKey),
            fields: Object.fromEntries(changes.map((c) => [c.field as VendorField, c.new])),
          },
        ]
      : [],
  );
  const stageErrors =
    staged.length === 0
      ? []
      : await procore.stageVendors(
          staged.map((item) => ({ ...item, originId: vendorOriginId(item.erpKey) })),
        );
  const updateErrors = updates.length === 0 ? [] : await procore.updateVendors(updates);
  return [...stageErrors, ...updateErrors];
}

async function recordPage(
  t: Repositories,
  connection: ConnectionParts,
  input: SyncPageRef,
  row: ErpRequestRow,
  plan: Plan,
  failed: (operation: PlannedOperation) => readonly string[] | undefined,
  now: string,
): Promise<void> {
  const { connectionId, requestId } = input;
  const stored = await t.plans.latest(input, input.page);
  // The page was recorded before the process died: what Procore was told again changes nothing.
  if (stored?.state === 'applied') return;
  const audit: AuditEntry[] = [];
  const failing = new Set<string | null>(plan.leftOut.map(({ erpKey }) => erpKey));
  const rows = [];
  for (const operation of plan.operations) {
    const { operationKey, side, action, recordId, erpKey, record, link, target } = operation;
    const words = failed(operation);
    const state = words ? ('refused' as const) : ('confirmed' as const);
    const reason = words ? `${target}: ${words.join('; ')}` : null;
    rows.push({
      connectionId,
      requestId,
      operationKey,
      planHash: plan.hash,
      side,
      action,
      recordId,
      erpKey,
      state,
      reason,
      record,
      at: now,
    });
    if (reason !== null) {
      failing.add(erpKey);
      await openException(t, row, { recordId, erpKey, reason }, now, audit, 'procore');
    } else if (link) {
      await t.links.advance(connectionId, link, now);
    }
  }
  for (const left of plan.leftOut) await openException(t, row, leftOutOf(left), now, audit);
  await t.plans.putOperations(rows);
  if (stored) await t.plans.setState(stored, 'applied');
  const snapshot = await t.plans.snapshot(input, input.page);
  if (snapshot) {
    const body = snapshot.body as VendorPageSnapshot;
    await resolveFine(t, input, body, failing, now, audit);
    await moveCheckpoint(t, input, body, now);
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
      subject: `vendors of ${connection.id}`,
      planHash: plan.hash,
      detail,
    }),
  );
  await t.audit.append(connectionId, audit);
}

const leftOutOf = (left: LeftOut): LeftOut => ({
  ...left,
  reason: `${left.erpKey ?? recordIdOf('vendor', '')}: ${left.reason}`,
});
