import type { Employee } from '../../domain/payroll/employee';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { PayLine } from '../../domain/payroll/line';
import type { PayPeriod } from '../../domain/payroll/period';
import type { PeriodPlan } from '../../domain/payroll/plan';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import type { TieOutRow } from '../../domain/payroll/tie-out';
import { tieOut } from '../../domain/payroll/tie-out';
import type { UnreadableEntry } from '../../procore/payroll/port';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps } from '../deps';
import type { PeriodNow } from './preview';
import { planNow } from './preview';
import type { PayrollParts } from './references';
import { entriesOf, payrollReferences } from './references';

/** What our own books hold of a pay period. */
export interface PeriodBooks {
  /** As it was approved last; null: nothing is approved yet. */
  readonly plan: PeriodPlan | null;
  /** Every line that was written for it and stands. */
  readonly written: readonly PayLine[];
}

/** Reads them from our store. */
export type ReadBooks = (
  t: Repositories,
  connectionId: string,
  period: Pick<PayPeriod, 'group' | 'begin' | 'end' | 'run'>,
) => Promise<PeriodBooks>;

/** Hours of a period in all five places, as they are now. */
export interface TiedPeriod {
  readonly period: PayPeriod;
  /** Hash of the plan that was held against the others. */
  readonly plan: string;
  /** False: nothing is approved, and the plan is what it would be now. */
  readonly isApproved: boolean;
  readonly rows: readonly TieOutRow[];
  /** Of the ERP, by key. */
  readonly employees: ReadonlyMap<string, Employee>;
  readonly jobs: ReadonlyMap<string, string>;
  readonly earnCodes: ReadonlyMap<string, string>;
  /** Entries that Procore shows without what payroll must know: their hours are in no column. */
  readonly unreadable: readonly UnreadableEntry[];
}

/** Holds a period against both sides and our books; nothing is written. Throws what they throw. */
export async function tieOutPeriod(
  { store }: Pick<ActivityDeps, 'store'>,
  parts: PayrollParts,
  now: PeriodNow,
  books: ReadBooks,
): Promise<TiedPeriod> {
  const { connection, settings, erp } = parts;
  const { period } = now;
  const { plan: approved, written } = await store.read('payroll.books', (t) =>
    books(t, connection.id, period),
  );
  const { references, jobs } = await payrollReferences({ store }, parts);
  const ofDates = await entriesOf(parts, period);
  const plan = approved ?? planNow(settings, now, { references, entries: ofDates.entries });
  // Late entries are paid with a period that they are not of, and what was deleted or moved since is of no date any more.
  const there = new Set(ofDates.entries.map(({ id }) => id));
  const planned = new Set(plan.lines.flatMap(({ entries }) => entries));
  const others = await connection.procore.payroll.entriesById([...planned].filter((id) => !there.has(id)));
  const entries = [...ofDates.entries, ...others.entries].filter(
    (entry) => planned.has(entry.id) || isOfGroup(entry, period.group, references),
  );
  return {
    period,
    plan: plan.hash,
    isApproved: approved !== null,
    rows: tieOut({
      entries,
      employeeOf: (entry) => employeeOf(entry, references),
      plan,
      written,
      rows: await erp.lines(period),
    }),
    employees: references.employees,
    jobs,
    earnCodes: new Map(references.codes.earnCodes.map(({ code, name }) => [code, name])),
    unreadable: [...ofDates.unreadable, ...others.unreadable],
  };
}

/** Whose hours they are; null: not matched. */
const employeeOf = ({ person }: TimecardEntry, { mapping, people }: PayrollReferences): string | null =>
  person === null ? null : (mapping.equipment[String(person.id)]?.standIn ?? people.get(person.id) ?? null);

/** Whether an entry that is in no line is time of somebody of the group. Whose group is not known stands in every tie-out until it is. */
function isOfGroup(entry: TimecardEntry, group: string, references: PayrollReferences): boolean {
  const { mapping, employees } = references;
  const isMachine = entry.person !== null && mapping.equipment[String(entry.person.id)] !== undefined;
  const isAllowance = mapping.timeTypes[String(entry.timeType?.id)]?.family === 'allowance';
  const employee = employees.get(employeeOf(entry, references) ?? '');
  return !isMachine && !isAllowance && (employee === undefined || employee.payGroup === group);
}
