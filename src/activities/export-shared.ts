import type { VendorExport } from '../domain/erp-request';
import { TiebackError } from '../domain/errors';
import { recordIdOf } from '../domain/identity';
import type { Plan, PlannedOperation } from '../domain/plan';
import { planHash } from '../domain/plan';
import type { KnownVendor, VendorExportInput } from '../domain/plan-vendor-export';
import type { AnyRecord } from '../domain/record';
import type { RecordLink } from '../domain/record-link';
import type { RequestRef } from '../domain/request-flow';
import type { Vendor } from '../domain/vendor';
import type { LedgerEntry, VendorRules } from '../erp-adapters/adapter';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow, OperationRow } from '../store/rows';
import type { ActivityDeps, ConnectionParts } from './deps';
import { readStored } from './request';

/** What was read from the ERP for one vendor export. */
export interface ErpSide {
  readonly columns: VendorRules;
  readonly candidates: readonly KnownVendor[];
  readonly ledgerHead: LedgerEntry | null;
}

export const intentOf = (connection: ConnectionParts, row: ErpRequestRow): VendorExport => {
  const { intent } = readStored(connection, row);
  if (intent.kind !== 'create_vendor') throw new Error(`ERP request ${row.requestId} is no vendor export`);
  return intent;
};

/** The link that tells where the ERP record of a company is: the one in force, else the one that changed last. */
export const ownLink = <R extends AnyRecord>(links: readonly RecordLink<R>[]): RecordLink<R> | null =>
  links.find(({ state }) => state === 'linked') ?? links[0] ?? null;

/** Everything the planner wants: what the request says, what the ERP said, what we remember. */
export async function planInput(
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

/** What to look for in the ERP. */
export interface Subject {
  readonly wanted: Vendor;
  readonly recordId: string;
  readonly linkedKey: string | null;
}

export async function subjectOf(
  t: Repositories,
  connection: ConnectionParts,
  row: ErpRequestRow,
): Promise<Subject> {
  const intent = intentOf(connection, row);
  const links = await t.links.byProcoreIds(connection.id, 'vendor', [intent.procoreId]);
  return {
    wanted: { ...intent.vendor, ...row.corrections },
    recordId: recordIdOf('vendor', intent.procoreId),
    linkedKey: ownLink(links)?.erpKey ?? null,
  };
}

export interface Approved {
  readonly row: ErpRequestRow;
  readonly plan: Plan;
  readonly subject: Subject;
  readonly operations: readonly OperationRow[];
}

/** The stored plan with this hash, and proof that it was approved and is still what was approved. */
export async function approvedPlan(
  deps: ActivityDeps,
  connection: ConnectionParts,
  input: RequestRef & { planHash: string },
): Promise<Approved> {
  return deps.store.read('export.approved', async (t) => {
    const row = await t.requests.get(input.connectionId, input.requestId);
    const stored = await t.plans.latest(input);
    const approval = await t.plans.approval(input, input.planHash);
    if (stored?.hash !== input.planHash || approval?.decision !== 'approved') {
      throw new TiebackError('POLICY_APPROVAL_NEEDED', {
        reason: 'the newest plan of this request has no approval',
      });
    }
    if (planHash(stored.body) !== stored.hash) {
      throw new TiebackError('POLICY_APPROVAL_NEEDED', {
        reason: 'the stored plan is not the one that was approved',
      });
    }
    const subject = await subjectOf(t, connection, row);
    const operations = await t.plans.operations(row);
    return { row, plan: { ...stored.body, hash: stored.hash }, subject, operations };
  });
}

export function operationRow(
  { connectionId, requestId }: RequestRef,
  planHash: string,
  { operationKey, side, action, recordId }: PlannedOperation,
  outcome: Pick<OperationRow, 'state' | 'erpKey' | 'reason' | 'record' | 'at'>,
): OperationRow {
  return { operationKey, connectionId, requestId, planHash, side, action, recordId, ...outcome };
}
