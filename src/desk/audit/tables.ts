import { notLogged, TOLD_ACTIONS } from '../../domain/audit/compare';
import { planHash } from '../../domain/plan/plan';
import type { Holdings } from '../../store/repositories/review';
import type { PlanRow } from '../../store/rows';
import type { Store } from '../../store/store';
import type { LedgerCheck } from './erp-ledger';
import type { Findings } from './findings';
import { counted } from './findings';
import type { Pace } from './pace';

const REQUESTS_AT_A_TIME = 100;
/** A plan may hold a page of a thousand records. */
const PLANS_AT_A_TIME = 20;

/**
 * Compares our tables with the chain: what was approved, written or closed has its entry, and what a stored plan says has its hash. Rows
 * are read first and entries second, because they are written together: a row that has no entry then never had one.
 */
export async function compareTables(
  store: Store,
  connectionId: string,
  {
    holdings,
    ledger,
    findings,
    pace,
  }: { holdings: Holdings; ledger: LedgerCheck; findings: Findings; pace: Pace },
): Promise<number> {
  let last: string | null = null;
  let requests = 0;
  const seen = { approvals: 0, plans: 0 };
  for (;;) {
    const after: string | null = last;
    const page = await store.read('audit.requests', async (t) => {
      const ids = await t.review.requestIds(connectionId, after, REQUESTS_AT_A_TIME);
      const facts = [...(await t.review.facts(connectionId, ids)).values()];
      return { ids, facts, entries: await t.review.entries(connectionId, ids, TOLD_ACTIONS) };
    });
    for (const facts of page.facts) {
      for (const one of notLogged(facts, page.entries.get(facts.id) ?? [])) findings.about(one);
      seen.approvals += facts.approvals.length;
    }
    const kept = page.facts.flatMap(({ writes }) => writes.filter(({ state }) => state !== 'lost'));
    await ledger.theseWrites(kept);
    seen.plans += await comparePlans(store, connectionId, page.ids, findings);
    requests += page.ids.length;
    last = page.ids.at(-1) ?? null;
    await pace.step({ requests });
    if (page.ids.length < REQUESTS_AT_A_TIME) break;
  }
  for (const table of ['approvals', 'plans'] as const) {
    const lost = holdings[table] - seen[table];
    if (lost > 0) findings.about({ about: table, what: `${counted(lost, table)} belong to no request` });
  }
  return requests;
}

/** Answers how many plans there were. */
async function comparePlans(
  store: Store,
  connectionId: string,
  ids: readonly string[],
  findings: Findings,
): Promise<number> {
  for (let skip = 0; ; skip += PLANS_AT_A_TIME) {
    const page = { skip, take: PLANS_AT_A_TIME };
    const plans = await store.read('audit.plans', (t) => t.review.plans(connectionId, ids, page));
    for (const plan of plans) {
      const what = planProblem(plan);
      const { requestId, page: number, version } = plan;
      if (what !== null) findings.about({ about: `plan ${version} of ${requestId}, page ${number}`, what });
    }
    if (plans.length < PLANS_AT_A_TIME) return skip + plans.length;
  }
}

function planProblem({ body, hash }: PlanRow): string | null {
  let found: string;
  try {
    found = planHash(body);
  } catch (error) {
    // A body of another shape was not written by us.
    if (!(error instanceof TypeError)) throw error;
    return `it was changed: it is no plan any more (${error.message})`;
  }
  return found === hash
    ? null
    : `it was changed: its hash is ${found.slice(0, 12)}, not ${hash.slice(0, 12)}`;
}
