import type { ProcoreId } from '../kinds/record';
import type { WorkweekRule } from './calendar';
import { contains, dueDateOf, dueOn } from './calendar';
import { timeOf } from './clock-times';
import type { Employee } from './employee';
import type { EntryStatus, TimecardEntry } from './entry';
import type { Hundredths } from './hours';
import type { LeftOut } from './left-out';
import { leftOut } from './left-out';
import type { PaidEntry } from './lines';
import type { OvertimeRules } from './overtime';
import type { PayPeriod } from './period';
import { periodName } from './period';
import type { Gap, PayrollReferences } from './resolve';
import { personOf, resolver } from './resolve';
import type { Grid } from './rounding';

/** What a connection has decided about its payroll. */
export interface PayrollRules {
  /** Statuses that are paid: `completed`, and `approved` where the contractor works so. */
  readonly payable: readonly EntryStatus[];
  readonly grid: Grid;
  /** Workweek of the pay group. */
  readonly workweek: readonly WorkweekRule[];
  /** Rules that explain an overtime split of the field; null: none are known, and no split is held against them. */
  readonly overtime: OvertimeRules | null;
  /** IANA zone of jobs whose own is not known. */
  readonly timeZone: string;
}

/** Everything that a plan of a period is made of. */
export interface PeriodInput {
  readonly period: PayPeriod;
  /** All periods of its group around the entries, as the ERP has them. */
  readonly periods: readonly PayPeriod[];
  /** Today in the payroll office, a local date. */
  readonly asOf: string;
  /** Entries of the period and of the workweeks that it cuts, and earlier ones that are not paid yet; of any group, deleted ones included. */
  readonly entries: readonly TimecardEntry[];
  readonly references: PayrollReferences;
  readonly rules: PayrollRules;
  /** Entries that stand elsewhere, with the hours printed there: in an earlier period that is planned, written or posted, or in a correction. It is what
   * keeps an entry from being paid twice. */
  readonly elsewhere: ReadonlyMap<ProcoreId, { readonly where: string; readonly hours: Hundredths }>;
  /**
   * After the cut-off: the entries that the period had by then; null: it is not over, or nobody kept them. It is also how an extra run gets its entries,
   * because by itself it gathers none.
   */
  readonly gathered: ReadonlySet<ProcoreId> | null;
}

/** An entry that is paid some time, and what became of it here. */
export interface Gathered extends PaidEntry {
  readonly employee: Employee;
  /** `here`: in this plan; `elsewhere`: printed already; `other`: of another period. */
  readonly place: 'here' | 'elsewhere' | 'other';
  /** The period that it missed; null: it is in time, or not here. */
  readonly missed: PayPeriod | null;
}

/** Entries sorted by what becomes of them in the plan of one period. */
export interface Gathering {
  readonly paid: readonly Gathered[];
  readonly leftOut: readonly LeftOut[];
}

interface Sorted {
  readonly paid?: Gathered;
  readonly leftOut?: LeftOut;
}

/** Of another group or period, or nothing at all. */
const UNSAID: Sorted = {};

/** Sorts entries: paid in this period, paid elsewhere, or left out with the reason. Of other groups and dates nothing is said. */
export function gather(input: PeriodInput): Gathering {
  const resolve = resolver(input.references);
  const sorted = input.entries
    .filter(({ deletedAt }) => deletedAt === null)
    .map((entry) => sortOne(entry, resolve(entry), input));
  const paid = sorted.flatMap(({ paid: one }) => (one === undefined ? [] : [one]));
  const twice = allowancesTwice(paid);
  return {
    paid: paid.filter(({ entry }) => !twice.has(entry.id)),
    leftOut: [
      ...sorted.flatMap(({ leftOut: one }) => (one === undefined ? [] : [one])),
      ...paid
        .filter(({ entry }) => twice.has(entry.id))
        .map(({ entry, employee }) => leftOut(entry, employee.key, 'allowance_twice')),
    ].sort(byPerson),
  };
}

const byPerson = (one: LeftOut, two: LeftOut): number =>
  compare(one.person, two.person) || compare(one.date, two.date) || one.entry - two.entry;
const compare = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);

function sortOne(
  entry: TimecardEntry,
  resolved: ReturnType<ReturnType<typeof resolver>>,
  input: PeriodInput,
): Sorted {
  const { period, references, rules } = input;
  const payGroup = resolved.kind === 'codes' ? resolved.codes.payGroup : resolved.payGroup;
  if (payGroup !== null && payGroup !== period.group) return UNSAID;
  const isOfPeriod = contains(period, entry.date);
  const key = employeeKey(entry, references);
  const there = input.elsewhere.get(entry.id);
  // What an earlier period has missed is told until it is paid: nothing is dropped unseen.
  const isTold = isOfPeriod || (there === undefined && dueHere(entry, false, input) !== 'other');
  const out = (reason: Parameters<typeof leftOut>[2], more?: string): Sorted =>
    isTold ? { leftOut: leftOut(entry, key, reason, more) } : UNSAID;
  if (there === undefined) {
    if (entry.inProgress) return out('in_progress');
    if (!rules.payable.includes(entry.status)) return out('not_approved', ` (${entry.status})`);
  }
  if (resolved.kind === 'gaps') return isTold ? { leftOut: gapped(entry, key, resolved.gaps) } : UNSAID;
  const { codes } = resolved;
  const employee = references.employees.get(codes.employee);
  const time = timeOf(entry, codes.jobPlace?.timeZone ?? rules.timeZone);
  if (time === null) return out('hours_unreadable');
  if (time.seconds < 0) return out('negative');
  if (employee === undefined || time.seconds === 0) return UNSAID;
  const found = { entry, codes, time, employee, missed: null };
  if (there !== undefined)
    return { paid: { ...found, place: 'elsewhere' }, ...out('elsewhere', `: ${there.where}`) };
  if (codes.family === 'allowance' && !codes.paysUnits) return out('amountless_allowance');
  const unemployed = employmentProblem(employee, entry.date);
  if (unemployed !== null) return out(unemployed);
  const due = dueHere(entry, codes.isOvertime, input);
  if (due === 'other') return { paid: { ...found, place: 'other' } };
  if (due === 'here') return { paid: { ...found, place: 'here' } };
  if ('late' in due) return { paid: { ...found, place: 'here', missed: due.late } };
  const notHere: Sorted = due.reason === 'no_period' ? {} : { paid: { ...found, place: 'other' } };
  return { ...notHere, ...out(due.reason, due.more) };
}

/** Whose hours they are, as far as that is known without codes. */
function employeeKey({ person }: TimecardEntry, { mapping, people }: PayrollReferences): string | null {
  if (person === null) return null;
  return mapping.equipment[String(person.id)]?.standIn ?? people.get(person.id) ?? null;
}

const gapped = (entry: TimecardEntry, employee: string | null, gaps: readonly Gap[]): LeftOut => ({
  entry: entry.id,
  employee,
  person: personOf(entry),
  date: entry.date,
  hours: entry.hours,
  reason: gaps[0]?.code ?? 'no_person',
  text: gaps.map(({ text }) => text).join(' '),
});

/** Employment is looked at on the date of work: a leaver is paid to the last day (lesson 19). */
function employmentProblem(
  { hiredOn, endedOn, isActive }: Employee,
  date: string,
): 'not_employed' | 'inactive_employee' | null {
  if ((hiredOn !== null && date < hiredOn) || (endedOn !== null && date > endedOn)) return 'not_employed';
  return !isActive && endedOn === null ? 'inactive_employee' : null;
}

type DueHere =
  | 'here'
  | 'other'
  | { readonly late: PayPeriod }
  | {
      readonly reason: 'no_period' | 'no_open_period' | 'after_cut_off' | 'overtime_later';
      readonly more?: string;
    };

function dueHere(entry: TimecardEntry, isOvertime: boolean, input: PeriodInput): DueHere {
  const { period, periods, asOf, rules, gathered } = input;
  if (gathered?.has(entry.id) === true) return 'here';
  const isSame = (one: PayPeriod): boolean => periodName(one) === periodName(period);
  const date = dueDateOf(entry.date, isOvertime, rules.workweek);
  const due = dueOn(date, period.group, periods, asOf);
  if (due.kind === 'exception') return due.reason === 'no_period' ? due : { reason: due.reason };
  if (due.kind === 'due') {
    if (isSame(due.period)) return 'here';
    return contains(period, entry.date) && date !== entry.date
      ? { reason: 'overtime_later', more: `: ${periodName(due.period)}` }
      : 'other';
  }
  // Nobody kept what the period had at its cut-off: all of it is still its own.
  if (isSame(due.missed))
    return gathered === null ? 'here' : { reason: 'after_cut_off', more: `: ${periodName(due.period)}` };
  return isSame(due.period) ? { late: due.missed } : 'other';
}

/** Allowances that are paid once a day and stand on several jobs or entries: all but the one of the job with the most hours. */
export function allowancesTwice(paid: readonly Gathered[]): ReadonlySet<ProcoreId> {
  const seconds = new Map<string, number>();
  const dayAndJob = ({ codes, entry }: Gathered): string =>
    JSON.stringify([codes.employee, entry.date, codes.job]);
  for (const one of paid)
    if (one.codes.family === 'worked')
      seconds.set(dayAndJob(one), (seconds.get(dayAndJob(one)) ?? 0) + one.time.seconds);
  const groups = new Map<string, Gathered[]>();
  for (const one of paid) {
    if (one.codes.family !== 'allowance' || one.codes.isRepeatable) continue;
    const key = JSON.stringify([one.codes.employee, one.entry.date, one.codes.earnCode]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rank = (one: Gathered): number =>
    one.place === 'elsewhere' ? Number.POSITIVE_INFINITY : (seconds.get(dayAndJob(one)) ?? 0);
  const twice = new Set<ProcoreId>();
  for (const group of groups.values()) {
    group.sort((one, two) => compareRanks(rank(two), rank(one)) || one.entry.id - two.entry.id);
    for (const one of group.slice(1)) if (one.place === 'here') twice.add(one.entry.id);
  }
  return twice;
}

const compareRanks = (one: number, two: number): number => (one === two ? 0 : one < two ? -1 : 1);
