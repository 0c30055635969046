import type { OperationAction, Plan } from '../plan/plan';

/** A named rule of the approval policy. All given conditions must hold; an absent condition always holds. */
export interface PolicyRule {
  readonly name: string;
  readonly decision: 'approve' | 'ask_finance';
  readonly when: {
    /** ERP request events, e.g. `create_vendor`. */
    readonly events?: readonly string[];
    /** Every ERP operation of the plan must be one of these. */
    readonly erpActions?: readonly OperationAction[];
    readonly maxWarnings?: number;
    /** Most ERP operations in one plan. */
    readonly maxErpOperations?: number;
    /** Facts of the plan that must have exactly these values, e.g. `{ prequalified: true }`. */
    readonly facts?: Readonly<Record<string, string | boolean | null>>;
  };
}

export interface PolicyDecision {
  readonly decision: 'approve' | 'ask_finance';
  /** The rule that decided; `default` when none matched. */
  readonly rule: string;
}

/**
 * The first rule that matches decides. Without a match, a plan that writes nothing to the ERP is approved by the built-in rule
 * `nothing-written-to-erp` (the ERP owns the data, or Procore already did its part), and everything else goes to finance.
 */
export function decide(plan: Plan, eventName: string, rules: readonly PolicyRule[]): PolicyDecision {
  const match = rules.find((rule) => ruleMatches(rule, plan, eventName));
  if (match) return { decision: match.decision, rule: match.name };
  if (!plan.operations.some((operation) => operation.side === 'erp') && plan.warnings.length === 0) {
    return { decision: 'approve', rule: 'nothing-written-to-erp' };
  }
  return { decision: 'ask_finance', rule: 'default' };
}

function ruleMatches({ when }: PolicyRule, plan: Plan, eventName: string): boolean {
  const erp = plan.operations.filter((operation) => operation.side === 'erp');
  return (
    (when.events === undefined || when.events.includes(eventName)) &&
    (when.erpActions === undefined ||
      erp.every((operation) => when.erpActions?.includes(operation.action))) &&
    (when.maxWarnings === undefined || plan.warnings.length <= when.maxWarnings) &&
    (when.maxErpOperations === undefined || erp.length <= when.maxErpOperations) &&
    Object.entries(when.facts ?? {}).every(([name, value]) => plan.facts[name] === value)
  );
}
