import type { AuditEntry } from '../domain/audit/chain';
import type { Plan } from '../domain/plan/plan';
import type { LeftOut } from '../domain/plan/plan';
import type { VendorLinksInput } from '../domain/plan/vendor-links';
import { planVendorLinks } from '../domain/plan/vendor-links';
import { erpKeyOfOriginId, recordIdOf } from '../domain/base/identity';
import type { ClosedRequest, ErpRequestResult, RequestRef } from '../domain/request/flow';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow, OperationRow } from '../store/rows';
import type { ActivityDeps } from './deps';
import { connectionOf } from './deps';
import { alreadyClosed, auditEntry, close, releasedBy } from './ledger';
import { readStored } from './request-body';

type LinkIntent = VendorLinksInput['intent'];

/** Run on the main queue, as local activities: Procore did its part already, only our own record links follow. */
export const linkStoreActivities = (deps: ActivityDeps) => ({
  /** Plans and records how the links follow an import, link, merge or unlink, in one transaction. */
  async followLinks(ref: RequestRef): Promise<ClosedRequest> {
    const connection = connectionOf(deps, ref.connectionId);
    return deps.store.transaction('links.follow', async (t): Promise<ClosedRequest> => {
      const now = deps.now();
      const closed = await alreadyClosed(t, ref);
      if (closed) return closed;
      const row = await t.requests.get(ref.connectionId, ref.requestId);
      const { intent } = readStored(connection, row);
      if (
        intent.kind !== 'vendors_linked' &&
        intent.kind !== 'vendors_merged' &&
        intent.kind !== 'vendor_unlinked'
      ) {
        throw new Error(`ERP request ${row.requestId} does not change links`);
      }
      const links = await linksFor(t, connection.id, intent);
      return follow(t, row, planVendorLinks({ connectionId: connection.id, intent, links }), now);
    });
  },
});

/** Records a plan that moves nothing but our own links, and closes its request. */
export async function follow(
  t: Repositories,
  row: ErpRequestRow,
  plan: Plan,
  now: string,
): Promise<ClosedRequest> {
  const { connectionId, requestId } = row;
  const audit: AuditEntry[] = [];
  await t.plans.add(row, 0, plan, now);
  const by = 'rule:nothing-written-to-erp';
  const decision = { planHash: plan.hash, decision: 'approved' as const, decidedBy: by, comment: '' };
  if (await t.plans.decide({ connectionId, requestId, ...decision, channel: 'policy', at: now })) {
    const detail = { operations: plan.operations.length, leftOut: plan.leftOut.length };
    audit.push(auditEntry(row, now, 'plan.built', { planHash: plan.hash, detail }));
    audit.push(auditEntry(row, now, 'approval.granted', { actor: by, planHash: plan.hash }));
  }
  await advanceLinks(t, row, plan, now, audit);
  for (const left of plan.leftOut) await openException(t, row, left, now, audit);
  const result = outcome(plan);
  await close(t, row, result.status, result.summary, now, audit);
  return { result, released: await releasedBy(t, row, linkedRecords(plan)) };
}

/** Records that a plan links: others may wait for them. */
export const linkedRecords = (plan: Plan): readonly string[] =>
  plan.operations.flatMap(({ link }) =>
    link?.state === 'linked' && link.procoreId !== null ? [recordIdOf(link.entity, link.procoreId)] : [],
  );

async function linksFor(
  t: Repositories,
  connectionId: string,
  intent: LinkIntent,
): Promise<VendorLinksInput['links']> {
  const refs =
    intent.kind === 'vendors_linked'
      ? intent.vendors
      : intent.kind === 'vendors_merged'
        ? [intent.master, ...intent.sources]
        : [intent.vendor];
  const keys = refs.map(({ originId }) => (originId === null ? null : erpKeyOfOriginId('vendor', originId)));
  const byKey = await t.links.byErpKeys(
    connectionId,
    'vendor',
    keys.filter((key) => key !== null),
  );
  const byId = await t.links.byProcoreIds(
    connectionId,
    'vendor',
    refs.map(({ procoreId }) => procoreId),
  );
  return [...new Map([...byKey, ...byId].map((link) => [link.erpKey, link])).values()];
}

export async function advanceLinks(
  t: Repositories,
  row: ErpRequestRow,
  plan: Plan,
  now: string,
  audit: AuditEntry[],
): Promise<void> {
  const { connectionId, requestId } = row;
  const rows: OperationRow[] = [];
  for (const { link, operationKey, side, action, recordId, erpKey, changes, record } of plan.operations) {
    if (!link) continue;
    rows.push({
      connectionId,
      requestId,
      operationKey,
      planHash: plan.hash,
      side,
      action,
      recordId,
      erpKey,
      state: 'confirmed',
      reason: null,
      record,
      at: now,
    });
    if (!(await t.links.advance(connectionId, link, now))) continue;
    const detail = {
      action,
      erpKey,
      procoreId: link.procoreId,
      state: link.state,
      generation: link.generation,
      changes,
    };
    audit.push(auditEntry(row, now, 'link.changed', { subject: recordId, planHash: plan.hash, detail }));
  }
  await t.plans.putOperations(rows);
}

/** Opens an exception for a record that was left out. */
export async function openException(
  t: Repositories,
  { connectionId, requestId, workflowId }: Pick<ErpRequestRow, 'connectionId' | 'requestId' | 'workflowId'>,
  { recordId, erpKey, reason }: LeftOut,
  now: string,
  audit: AuditEntry[],
  kind = 'data',
): Promise<void> {
  const hint = 'Correct the record where it lives; the next sync takes it up again.';
  if (
    !(await t.exceptions.open({
      connectionId,
      requestId,
      recordId,
      kind,
      reason,
      hint,
      erpKey,
      openedAt: now,
    }))
  )
    return;
  audit.push(
    auditEntry({ requestId, workflowId }, now, 'exception.opened', {
      subject: recordId,
      detail: { kind, reason },
    }),
  );
}

const MOST_NAMED = 5;

function outcome({ operations, leftOut, unchanged, subject }: Plan): ErpRequestResult {
  if (leftOut.length > 0) {
    const named = leftOut.slice(0, MOST_NAMED).map(({ reason }) => reason);
    const more = leftOut.length > MOST_NAMED ? ` ... and ${leftOut.length - MOST_NAMED} more.` : '';
    return { status: 'failed', summary: `${subject}: ${named.join(' ')}${more}` };
  }
  const changed =
    operations.length === 0
      ? 'links were so already'
      : `${operations.length} link${operations.length === 1 ? '' : 's'} changed`;
  return {
    status: 'applied',
    summary: `${subject}: ${changed}${unchanged > 0 && operations.length > 0 ? `, ${unchanged} unchanged` : ''}.`,
  };
}
