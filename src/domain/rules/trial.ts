import { sum } from '../base/money';
import type { Plan } from '../plan/plan';
import type { PolicyRule, RuleDecision } from '../request/policy';
import { decide, RULE_DECISIONS } from '../request/policy';

/** One plan, and what was said about it. */
export interface TriedPlan {
  readonly requestId: string;
  readonly eventName: string;
  readonly plan: Plan;
  readonly said: {
    readonly decision: RuleDecision;
    /** The rule that decided or asked; null: it is not known. */
    readonly rule: string | null;
  };
}

/** What other rules would have said about one plan. */
export interface Difference {
  readonly requestId: string;
  readonly planHash: string;
  readonly subject: string;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly said: TriedPlan['said'];
  readonly would: { readonly decision: RuleDecision; readonly rule: string; readonly because: string };
}

/** How many plans there are of one decision, and what they come to, by currency (empty: the ERP names none). */
export interface Tally {
  readonly decision: RuleDecision;
  readonly count: number;
  readonly sums: readonly { readonly currency: string; readonly amount: string }[];
}

export interface TrialResult {
  readonly plans: number;
  readonly said: readonly Tally[];
  readonly would: readonly Tally[];
  /** How many would have been decided otherwise. */
  readonly differing: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
}

const MOST_DIFFERENCES = 200;

/** Holds proposed rules against what was said about plans, one at a time. */
export class Trial {
  private plans = 0;
  private differing = 0;
  private readonly differences: Difference[] = [];
  private readonly said = new Tallies();
  private readonly would = new Tallies();

  constructor(private readonly rules: readonly PolicyRule[]) {}

  add({ requestId, eventName, plan, said }: TriedPlan): void {
    const { decision, rule, because } = decide(plan, eventName, this.rules);
    this.plans += 1;
    this.said.add(said.decision, plan);
    this.would.add(decision, plan);
    if (decision === said.decision) return;
    this.differing += 1;
    if (this.differences.length >= MOST_DIFFERENCES) return;
    const { amount, currency = null } = plan.facts;
    const about = { requestId, planHash: plan.hash, subject: plan.subject, amount, currency };
    this.differences.push({ ...about, said, would: { decision, rule, because } });
  }

  result(): TrialResult {
    const { plans, differing, differences } = this;
    return { plans, said: this.said.all(), would: this.would.all(), differing, differences };
  }
}

class Tallies {
  private readonly counts = new Map<RuleDecision, { count: number; sums: Map<string, string> }>();

  add(decision: RuleDecision, { facts: { amount, currency = '' } }: Plan): void {
    const tally = this.counts.get(decision) ?? { count: 0, sums: new Map<string, string>() };
    this.counts.set(decision, tally);
    tally.count += 1;
    if (amount !== null) tally.sums.set(currency, sum([tally.sums.get(currency) ?? '0', amount]));
  }

  all(): readonly Tally[] {
    return RULE_DECISIONS.map((decision) => {
      const { count = 0, sums = new Map<string, string>() } = this.counts.get(decision) ?? {};
      return { decision, count, sums: [...sums].map(([currency, amount]) => ({ currency, amount })) };
    });
  }
}
