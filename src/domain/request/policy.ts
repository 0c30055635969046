import { atMost, below, withSeparators } from '../base/money';
import type { WarningCode } from '../base/warning';
import { isContradiction } from '../base/warning';
import type { Kind } from '../kinds';
import { definitionOf } from '../kinds';
import type { ProcoreId } from '../kinds/record';
import { isErpWrite, isForErp } from '../plan/operation';
import type { Operation, OperationAction } from '../plan/operation';
import type { Plan } from '../plan/plan';
import type { Fact, Facts } from './facts';

/** A named rule of the approval policy. All given conditions must hold; an absent condition always holds. */
export interface PolicyRule {
  readonly name: string;
  readonly decision: RuleDecision;
  readonly when: PolicyConditions;
}

/** What a rule may decide: to let a plan through, to ask one person, or to ask two, neither of whom asked for it. */
export const RULE_DECISIONS = ['approve', 'ask_finance', 'ask_two'] as const;
export type RuleDecision = (typeof RULE_DECISIONS)[number];

export interface PolicyConditions {
  /** ERP request events, e.g. `create_vendor`. */
  readonly events?: readonly string[];
  /** Every record that the plan writes or ties is of one of these kinds. */
  readonly kinds?: readonly Kind[];
  /** Everything in the plan lives in one of these Procore projects. */
  readonly projects?: readonly ProcoreId[];
  /**
   * ERP keys of vendors, as documents name them (`1|10442`). A rule that approves lets plans through that write for these alone, a rule that asks does so
   * where one of them is among them. What names no vendor itself (a change order) never matches.
   */
  readonly vendors?: readonly string[];
  /** Every ERP operation of the plan must be one of these. */
  readonly erpActions?: readonly OperationAction[];
  /** Exact decimal, e.g. `25000.00`: what the plan writes to the ERP comes to this or more. A plan without an amount never matches. */
  readonly amountFrom?: string;
  /** Exact decimal, e.g. `25000.00`: what the plan writes to the ERP comes to less. A plan without an amount never matches. */
  readonly amountBelow?: string;
  /** As `amountBelow`, the limit itself included. */
  readonly amountAtMost?: string;
  /** Local calendar dates: every accounting date of the plan is on or after, on or before. A plan without a date never matches. */
  readonly dateFrom?: string;
  readonly dateTo?: string;
  /**
   * Codes of warnings. A rule that approves lets plans through that carry these warnings alone; without it, plans without warnings alone. A
   * rule that asks finance asks about plans that carry at least one of them. What contradicts itself about money is never let through.
   */
  readonly warnings?: readonly WarningCode[];
  /** Most ERP operations in one plan. */
  readonly maxErpOperations?: number;
  /** Facts of the plan that must have exactly these values, e.g. `{ prequalified: true }`. */
  readonly facts?: Facts;
}

export interface PolicyDecision {
  readonly decision: RuleDecision;
  /** The rule that decided. */
  readonly rule: string;
  /** Why, in one sentence for people. */
  readonly because: string;
}

/** Built in, after all configured rules: the ERP owns the data, or Procore already did its part. */
const NOTHING_WRITTEN = 'nothing-written-to-erp';
/** Stands for a rule where none decides. */
export const DEFAULT = 'default';

/**
 * The first rule that matches decides. Without a match, a plan that writes nothing to the ERP and has no warnings is approved, and
 * everything else goes to finance.
 */
export function decide(plan: Plan, eventName: string, rules: readonly PolicyRule[]): PolicyDecision {
  const match = rules.find(
    (rule) => mayMatch(rule, plan) && conditionsOf(rule).every(({ holds }) => holds(plan, eventName)),
  );
  if (match) {
    return {
      decision: match.decision,
      rule: match.name,
      because: `Policy rule "${match.name}" ${explainRule(match)}.`,
    };
  }
  if (!plan.operations.some(isForErp) && plan.warnings.length === 0) {
    return {
      decision: 'approve',
      rule: NOTHING_WRITTEN,
      because: 'Nothing is written to the ERP, and there is no warning.',
    };
  }
  return { decision: 'ask_finance', rule: DEFAULT, because: 'No policy rule approves this plan.' };
}

/** Payroll is one operation however many people it pays: a rule lets it through only where it names the event. */
const mayMatch = ({ decision, when: { events } }: PolicyRule, { payroll }: Plan): boolean =>
  payroll === undefined || decision !== 'approve' || events !== undefined;

/** What a rule does, in words: `approves vendors under 25,000.00 without warnings`. */
export const explainRule = (rule: ConditionsOf): string =>
  `${DOES[rule.decision]} ${explainConditions(rule)}`;

const DOES: Readonly<Record<RuleDecision, string>> = {
  approve: 'approves',
  ask_finance: 'asks finance about',
  ask_two: 'asks two people about',
};

type ConditionsOf = Pick<PolicyRule, 'decision' | 'when'>;

const explainConditions = (rule: ConditionsOf): string => {
  const words = conditionsOf(rule).map((condition) => condition.words);
  return words.length === 0 ? 'every plan' : `plans ${words.join(', ')}`;
};

interface Condition {
  /** Completes "plans ...". */
  readonly words: string;
  readonly holds: (plan: Plan, eventName: string) => boolean;
}

function conditionsOf({ decision, when }: ConditionsOf): readonly Condition[] {
  const { amountFrom, amountBelow, amountAtMost, dateFrom, dateTo, maxErpOperations } = when;
  const erp = (plan: Plan) => plan.operations.filter(isForErp);
  const dates = (plan: Plan, holds: (date: string) => boolean): boolean =>
    plan.facts.dates.length > 0 && plan.facts.dates.every(holds);
  return [
    ...given(when.events, (events) => ({
      words: `for ${events.join(' or ')}`,
      holds: (_, eventName) => events.includes(eventName),
    })),
    ...given(when.kinds, (kinds) => ({
      words: `about ${kinds.map((kind) => definitionOf(kind).plural).join(' or ')}`,
      holds: ({ facts }) => facts.kinds.length > 0 && facts.kinds.every((kind) => kinds.includes(kind)),
    })),
    ...given(when.projects, (projects) => ({
      words: `in ${projects.length === 1 ? 'project' : 'one of the projects'} ${projects.join(', ')}`,
      holds: ({ facts }) => facts.projects.length > 0 && facts.projects.every((id) => projects.includes(id)),
    })),
    ...given(when.vendors, (keys) => ({
      words:
        decision === 'approve'
          ? `for the vendor ${keys.join(' or ')} alone`
          : `with the vendor ${keys.join(' or ')}`,
      holds: ({ operations }) => {
        const written = vendorsIn(operations);
        const isOne = (key: string): boolean => keys.includes(key);
        return decision === 'approve' ? written.length > 0 && written.every(isOne) : written.some(isOne);
      },
    })),
    ...given(when.erpActions, (actions) => ({
      words: `that only ${actions.join(' or ')} in the ERP`,
      holds: (plan) => erp(plan).every(({ action }) => actions.includes(action)),
    })),
    ...given(amountFrom, (limit) => ({
      words: `of ${withSeparators(limit)} or more`,
      holds: ({ facts }) => facts.amount !== null && !below(facts.amount, limit),
    })),
    ...given(amountBelow, (limit) => ({
      words: `under ${withSeparators(limit)}`,
      holds: ({ facts }) => facts.amount !== null && below(facts.amount, limit),
    })),
    ...given(amountAtMost, (limit) => ({
      words: `of at most ${withSeparators(limit)}`,
      holds: ({ facts }) => facts.amount !== null && atMost(facts.amount, limit),
    })),
    ...given(dateFrom, (from) => ({
      words: `dated ${from} or later`,
      holds: (plan) => dates(plan, (date) => date >= from),
    })),
    ...given(dateTo, (to) => ({
      words: `dated ${to} or earlier`,
      holds: (plan) => dates(plan, (date) => date <= to),
    })),
    ...(decision === 'approve' ? [onlyWarnings(when.warnings ?? [])] : given(when.warnings, anyWarning)),
    ...given(maxErpOperations, (most) => ({
      words: `with at most ${most} ERP operation${most === 1 ? '' : 's'}`,
      holds: (plan) => erp(plan).length <= most,
    })),
    ...(Object.entries(when.facts ?? {}) as [Fact, boolean][]).map(([name, value]): Condition => ({
      words: `where ${name} is ${value ? 'true' : 'false'}`,
      holds: ({ facts }) => facts.flags[name] === value,
    })),
  ];
}

/** ERP keys of the vendors that what is written to the ERP is, or names; of a new one what stands for its key. */
export const vendorsIn = (operations: readonly Operation[]): readonly string[] => [
  ...new Set(
    operations.filter(isErpWrite).flatMap(({ kind, recordId, erpKey, record }) => {
      if (kind === 'vendor') return [erpKey ?? recordId];
      const { fields } = definitionOf(kind);
      return Object.entries(fields).flatMap(([field, { refersTo }]) => {
        const key = record.fields[field];
        return refersTo === 'vendor' && typeof key === 'string' ? [key] : [];
      });
    }),
  ),
];

const onlyWarnings = (codes: readonly WarningCode[]): Condition => ({
  words: codes.length === 0 ? 'without warnings' : `without warnings other than ${codes.join(' or ')}`,
  holds: ({ warnings }) => warnings.every(({ code }) => codes.includes(code) && !isContradiction(code)),
});

const anyWarning = (codes: readonly WarningCode[]): Condition => ({
  words: `with a warning of ${codes.join(' or ')}`,
  holds: ({ warnings }) => warnings.some(({ code }) => codes.includes(code)),
});

const given = <T>(value: T | undefined, make: (value: T) => Condition): readonly Condition[] =>
  value === undefined ? [] : [make(value)];
