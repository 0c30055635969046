import { setImmediate as turn } from 'node:timers/promises';
import { DEFAULT } from '../../domain/request/policy';
import type { RulesBody } from '../../domain/rules/body';
import type { TrialResult, TriedPlan } from '../../domain/rules/trial';
import { Trial } from '../../domain/rules/trial';
import type { DecidedPlan } from '../../store/repositories/rules';
import type { Store } from '../../store/store';
import { DeskRefusal } from '../refusal';

const DAY_MS = 86_400_000;
/** A run goes back a month; nobody needs years, and each plan is read. */
const DAYS = 30;
const MOST_DAYS = 92;
const PLANS_AT_A_TIME = 25;
const MOST_PLANS = 20_000;

export interface TrialShown extends TrialResult {
  readonly since: string;
  readonly until: string;
  /** There are more plans than were looked at. */
  readonly cut: boolean;
}

/**
 * What these rules would have said about the plans of the last month (or since another day), beside what was said. A few plans at a time, so that the daemon
 * answers others in between. Throws `DeskRefusal` `BadValue`.
 */
export async function tryRules(
  store: Store,
  connectionId: string,
  { rules }: RulesBody,
  given: {
    readonly now: string;
    /** ISO 8601 UTC; absent: thirty days ago. */
    readonly since?: string | undefined;
    readonly progress?: (plans: number) => void;
  },
): Promise<TrialShown> {
  const { now: until, progress } = given;
  const since = given.since ?? daysBefore(until, DAYS);
  if (since < daysBefore(until, MOST_DAYS) || since > until)
    throw new DeskRefusal('BadValue', `Rules are tried on the plans of the last ${MOST_DAYS} days.`);
  const trial = new Trial(rules);
  for (let skip = 0; skip < MOST_PLANS; skip += PLANS_AT_A_TIME) {
    const page = { since, until, skip, take: PLANS_AT_A_TIME };
    const found = await store.read('desk.rules.try', (t) => t.rules.plansBuilt(connectionId, page));
    for (const one of found) {
      const tried = triedPlan(one);
      if (tried !== null) trial.add(tried);
    }
    progress?.(skip + found.length);
    if (found.length < PLANS_AT_A_TIME) return { ...trial.result(), since, until, cut: false };
    await turn();
  }
  return { ...trial.result(), since, until, cut: true };
}

const daysBefore = (at: string, days: number): string =>
  new Date(Date.parse(at) - days * DAY_MS).toISOString();

/** Null: nothing was ever decided about it, because another plan took its place, or its request is gone. */
function triedPlan({
  plan,
  requestId,
  isSuperseded,
  request,
  approvals,
  asked,
}: DecidedPlan): TriedPlan | null {
  if (request === null || (isSuperseded && approvals.length === 0)) return null;
  const byRule = approvals.find(({ decidedBy }) => decidedBy.startsWith(RULE));
  const byPerson = approvals.some(({ decidedBy }) => !decidedBy.startsWith(RULE));
  const base = { requestId, eventName: request.eventName ?? '', plan };
  if (byRule !== undefined && !byPerson)
    return { ...base, said: { decision: 'approve', rule: byRule.decidedBy.slice(RULE.length) } };
  // A second person is remembered with the first one's approval.
  const isTwo = approvals.some(({ decision }) => decision === 'first');
  return { ...base, said: { decision: isTwo ? 'ask_two' : 'ask_finance', rule: asked.at(-1) ?? DEFAULT } };
}

const RULE = 'rule:';
