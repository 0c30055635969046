import type { AuditEntry } from '../domain/audit/chain';
import type { Repositories } from '../store/repositories';
import type { PlanRow } from '../store/rows';

/** The plan that stands, and how many pages a sync has planned so far. */
export interface CurrentPlan {
  readonly plan: PlanRow;
  readonly pages: number;
}

/**
 * The newest plan of the last page: the one a decision is about. Which page that is, the audit trail says: a sync of many pages must
 * not lie in memory as a whole.
 */
export async function currentPlan(
  t: Repositories,
  key: { readonly connectionId: string; readonly requestId: number },
  trail?: readonly AuditEntry[],
): Promise<CurrentPlan | null> {
  const entries = trail ?? (await t.audit.forRequest(key.connectionId, key.requestId));
  const pages = entries.filter(({ action }) => action === 'plan.built').map(({ detail }) => pageOf(detail));
  const plan = await t.plans.latest(key, Math.max(0, ...pages));
  return plan === null ? null : { plan, pages: Math.max(1, new Set(pages).size) };
}

const pageOf = (detail: Readonly<Record<string, unknown>>): number => {
  const page = detail['page'];
  return typeof page === 'number' ? page : 0;
};
