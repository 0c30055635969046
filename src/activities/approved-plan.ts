import { TiebackError } from '../domain/base/errors';
import type { Plan, PlannedOperation } from '../domain/plan/plan';
import { planHash } from '../domain/plan/plan';
import type { RequestRef } from '../domain/request/flow';
import type { Repositories } from '../store/repositories';
import type { ErpRequestRow, OperationRow, PlanRow } from '../store/rows';

export interface Approved {
  readonly row: ErpRequestRow;
  readonly stored: PlanRow;
  readonly plan: Plan;
}

/** The stored plan with this hash, and proof that it was approved and is still what was approved. */
export async function approvedPlan(
  t: Repositories,
  input: RequestRef & { readonly planHash: string },
  page = 0,
): Promise<Approved> {
  const row = await t.requests.get(input.connectionId, input.requestId);
  const stored = await t.plans.latest(input, page);
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
  return { row, stored, plan: { ...stored.body, hash: stored.hash } };
}

export function operationRow(
  { connectionId, requestId }: RequestRef,
  planHash: string,
  { operationKey, side, action, recordId }: PlannedOperation,
  outcome: Pick<OperationRow, 'state' | 'erpKey' | 'reason' | 'record' | 'at'>,
): OperationRow {
  return { operationKey, connectionId, requestId, planHash, side, action, recordId, ...outcome };
}
