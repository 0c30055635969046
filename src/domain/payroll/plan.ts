import { contentHash } from '../base/identity';
import { warningsOf } from './checks';
import type { Gathered, PeriodInput } from './gather';
import { gather } from './gather';
import { hoursText } from './hours';
import type { LeftOut } from './left-out';
import type { PayLine } from './line';
import { linesOf, printedHours } from './lines';
import type { PayPeriod } from './period';
import type { Revisions } from './revision';
import { revisionsOf } from './revision';
import type { PeriodTotals } from './totals';
import { totalsOf } from './totals';
import type { PayWarning } from './warnings';
import { payWarning } from './warnings';

/** The lines of one batch, and everything that is shown about them. */
export interface PeriodDraft {
  readonly company: string;
  readonly period: Pick<PayPeriod, 'group' | 'begin' | 'end' | 'run'>;
  /** In print order. */
  readonly lines: readonly PayLine[];
  readonly totals: PeriodTotals;
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly PayWarning[];
  /** Keys of active employees of the group without any hours in the period. */
  readonly withoutHours: readonly string[];
  /** Hours of each entry of the lines: what stays as it is when its day is rounded again. */
  readonly printed: Readonly<Record<string, string>>;
}

/** What a clerk looks at, with what tells it from another one. */
export interface PeriodPlan extends PeriodDraft {
  /** Of every entry that was looked at. */
  readonly revisions: Revisions;
  /** What an approval is bound to: all that is shown, and neither revisions nor parts of lines, so that an edit that changes nothing of pay sends nothing back. */
  readonly hash: string;
}

/** Makes the plan of a period. The same input, in any order, makes the same plan. */
export function planPeriod(input: PeriodInput): PeriodPlan {
  const draft = draftPeriod(input);
  const hash = contentHash({ ...draft, printed: undefined });
  return { ...draft, revisions: revisionsOf(input.entries), hash };
}

/** The same, where nobody asks what tells it from another one: hashes of ten thousand entries are not for nothing. */
export function draftPeriod(input: PeriodInput): PeriodDraft {
  const { period, references, rules, elsewhere } = input;
  const entries = [...input.entries].sort((one, two) => one.id - two.id);
  const { paid, leftOut } = gather({ ...input, entries });
  const here = paid.filter(({ place }) => place === 'here');
  // Whoever has nothing in this plan changes nothing of it.
  const people = new Set(here.map(({ codes }) => codes.employee));
  const theirs = paid.filter(({ codes }) => people.has(codes.employee));
  const printed = printedHours(
    theirs.filter(({ place }) => place !== 'other'),
    { grid: rules.grid, frozen: new Map([...elsewhere].map(([id, { hours }]) => [id, hours])) },
  );
  const lines = linesOf(references.company, here, printed);
  const factors = new Map(references.codes.earnCodes.map(({ code, factor }) => [code, factor]));
  const { group, begin, end, run } = period;
  const hours = here.map(({ entry: { id } }) => [String(id), hoursText(printed.get(id) ?? 0)] as const);
  return {
    company: references.company,
    period: { group, begin, end, run },
    lines,
    totals: totalsOf(lines, (code) => factors.get(code) ?? null),
    leftOut,
    warnings: [...warningsOf(theirs, input), ...negatives(leftOut)],
    withoutHours: withoutHours(paid, input),
    printed: Object.fromEntries(hours),
  };
}

const negatives = (leftOut: readonly LeftOut[]): readonly PayWarning[] =>
  leftOut
    .filter(({ reason }) => reason === 'negative')
    .map(({ entry, text }) => payWarning('negative', text, [entry]));

function withoutHours(paid: readonly Gathered[], { period, references }: PeriodInput): readonly string[] {
  const seen = new Set(
    paid
      .filter(({ entry }) => period.begin <= entry.date && entry.date <= period.end)
      .map(({ employee }) => employee.key),
  );
  return [...references.employees.values()]
    .filter(
      ({ key, payGroup, isActive, hiredOn, endedOn }) =>
        payGroup === period.group &&
        isActive &&
        !seen.has(key) &&
        (hiredOn ?? period.end) <= period.end &&
        (endedOn ?? period.begin) >= period.begin,
    )
    .map(({ key }) => key)
    .sort();
}

/** What is different between the plan that was approved last and the one now: all that is shown when it is approved again. */
export interface PlanDifference {
  readonly added: readonly PayLine[];
  readonly removed: readonly PayLine[];
  readonly changed: readonly { readonly before: PayLine; readonly after: PayLine }[];
  readonly nowLeftOut: readonly LeftOut[];
  readonly noLongerLeftOut: readonly LeftOut[];
}

export function differenceOf(before: PeriodPlan, after: PeriodPlan): PlanDifference {
  const was = new Map(before.lines.map((line) => [line.key, line]));
  const now = new Map(after.lines.map((line) => [line.key, line]));
  const outBefore = new Set(before.leftOut.map(outKey));
  const outNow = new Set(after.leftOut.map(outKey));
  return {
    added: after.lines.filter(({ key }) => !was.has(key)),
    removed: before.lines.filter(({ key }) => !now.has(key)),
    changed: after.lines.flatMap((line) => {
      const old = was.get(line.key);
      return old === undefined || contentHash(old) === contentHash(line)
        ? []
        : [{ before: old, after: line }];
    }),
    nowLeftOut: after.leftOut.filter((one) => !outBefore.has(outKey(one))),
    noLongerLeftOut: before.leftOut.filter((one) => !outNow.has(outKey(one))),
  };
}

const outKey = ({ entry, reason, hours }: LeftOut): string => `${entry} ${reason} ${hours}`;
