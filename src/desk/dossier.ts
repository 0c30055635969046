import type { AuditEntry } from '../domain/audit/chain';
import { tamperedPlan } from '../domain/audit/evidence';
import type { RequestRef } from '../domain/request/id';
import type { Repositories } from '../store/repositories';
import type {
  ApprovalRow,
  ExceptionRow,
  OperationRow,
  PlanRow,
  SyncRequestRow,
  WaitRow,
} from '../store/rows';
import type { Store } from '../store/store';
import type { AgainstLast } from './payroll/against-last';
import { againstLast } from './payroll/against-last';

/** Everything our store knows of one request. */
export interface RequestDossier {
  readonly request: SyncRequestRow;
  readonly current: CurrentPlan | null;
  readonly approvals: readonly ApprovalRow[];
  readonly operations: readonly OperationRow[];
  readonly exceptions: readonly ExceptionRow[];
  /** What it waits for right now. */
  readonly waits: readonly WaitRow[];
  readonly trail: readonly AuditEntry[];
  /** Of a pay period: its hours beside those of the one before; null: there are none. */
  readonly againstLast: AgainstLast | null;
}

/** The plan that stands, and how many pages a sync has planned so far. */
export interface CurrentPlan {
  readonly plan: PlanRow;
  readonly pages: number;
  /** Why it is not the plan that was built, in one sentence; null: it is. Such a plan is neither shown nor approved. */
  readonly tampered: string | null;
}

export const readDossier = (store: Store, request: SyncRequestRow): Promise<RequestDossier> =>
  store.read('desk.dossier', async (t) => {
    const trail = await t.audit.forRequest(request);
    const current = await planIn(t, request, trail);
    const payroll = current?.plan.body.payroll;
    return {
      request,
      current,
      againstLast: payroll === undefined ? null : await againstLast(t, request, payroll),
      approvals: await t.plans.approvalsOf(request),
      operations: await t.plans.operations(request),
      exceptions: await t.exceptions.ofRequest(request),
      waits: await t.waits.ofRequest(request),
      trail,
    };
  });

/** The newest plan of the last page: the one a decision is about. Null: there is none yet. */
export const currentPlan = (store: Store, request: RequestRef): Promise<CurrentPlan | null> =>
  store.read('desk.plan', async (t) => planIn(t, request, await t.audit.forRequest(request)));

/** Which page is the last one, the audit trail says: a sync of many pages must not lie in memory as a whole. */
async function planIn(
  t: Repositories,
  request: RequestRef,
  trail: readonly AuditEntry[],
): Promise<CurrentPlan | null> {
  const pages = trail.filter(({ action }) => action === 'plan.built').map(({ detail }) => pageOf(detail));
  const { connectionId, id } = request;
  const plan = await t.plans.latest({ connectionId, id, page: Math.max(0, ...pages) });
  if (plan === null) return null;
  const sealed = await t.audit.sealed(request, { planHash: plan.hash });
  return { plan, pages: Math.max(1, new Set(pages).size), tampered: tamperedPlan(plan, sealed) };
}

const pageOf = (detail: Readonly<Record<string, unknown>>): number => {
  const page = detail['page'];
  return typeof page === 'number' ? page : 0;
};
