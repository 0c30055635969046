import type { AuditEntry } from '../domain/audit/chain';
import type { ApprovalRow, ErpRequestRow, ExceptionRow, OperationRow } from '../store/rows';
import type { Store } from '../store/store';
import type { CurrentPlan } from './current-plan';
import { currentPlan } from './current-plan';

/** Everything our store knows of one request. */
export interface RequestDossier {
  readonly request: ErpRequestRow;
  readonly current: CurrentPlan | null;
  readonly approvals: readonly ApprovalRow[];
  readonly operations: readonly OperationRow[];
  readonly exceptions: readonly ExceptionRow[];
  readonly trail: readonly AuditEntry[];
}

export function readDossier(store: Store, request: ErpRequestRow): Promise<RequestDossier> {
  const { connectionId, requestId } = request;
  return store.read('cli.show', async (t) => {
    const trail = await t.audit.forRequest(connectionId, requestId);
    return {
      request,
      current: await currentPlan(t, request, trail),
      approvals: await t.plans.approvalsOf(request),
      operations: await t.plans.operations(request),
      exceptions: await t.exceptions.ofRequest(connectionId, requestId),
      trail,
    };
  });
}
