import type { Employee } from '../../domain/payroll/employee';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { KnownLine, PayLine } from '../../domain/payroll/line';
import type { PayPeriod } from '../../domain/payroll/period';
import { periodName } from '../../domain/payroll/period';
import type { PeriodPlan } from '../../domain/payroll/plan';
import type { WrittenLine } from '../../domain/payroll/books';
import { countedRevision } from '../../domain/payroll/books';
import { isPayBatch } from '../../domain/plan/operation';
import { payRequestIdOf } from '../../domain/request/id';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import type { TieOutRow } from '../../domain/payroll/tie-out';
import { tieOut } from '../../domain/payroll/tie-out';
import type { UnreadableEntry } from '../../procore/payroll/port';
import type { Repositories } from '../../store/repositories';
import type { ActivityDeps } from '../deps';
import type { PeriodNow } from './preview';
import { planNow } from './preview';
import type { PayrollParts } from './parts';
import { entriesOf, payrollReferences } from './references';
import type { PayScope } from './scope';
import { payScope } from './scope';

/** What our own books hold of a pay period. */
interface PeriodBooks {
  /** What was approved last; null: nothing is approved yet. */
  readonly approved: (Pick<PeriodPlan, 'lines' | 'leftOut'> & { readonly hash: string }) | null;
  /** Every line that was written for it and stands. */
  readonly written: readonly PayLine[];
  /** Lines of later batches that correct its days. */
  readonly corrections: readonly WrittenLine[];
  readonly scope: PayScope;
}

async function booksOf(
  t: Repositories,
  parts: PayrollParts,
  id: string,
  period: PayPeriod,
): Promise<PeriodBooks> {
  const ref = { connectionId: parts.connection.id, id };
  const [stored, lines, ofDates, scope] = await Promise.all([
    t.plans.latest({ ...ref, page: 0 }),
    t.payroll.writtenLines(ref.connectionId, [id]),
    t.payroll.written(ref.connectionId, period),
    payScope(t, parts, { ...ref, corrections: null }, period),
  ]);
  const ours = lines.filter((one) => one.purpose === 'period').map(({ line }) => line);
  const corrections = ofDates.filter(({ purpose }) => purpose === 'correction');
  const isDecided = stored?.state === 'approved' || stored?.state === 'applied';
  if (stored === null || (!isDecided && ours.length === 0))
    return { approved: null, written: ours, corrections, scope };
  const batch = isDecided
    ? stored.body.operations.filter(isPayBatch).find((one) => one.batch.purpose === 'period')?.batch
    : undefined;
  const leftOut = stored.body.payroll?.leftOut ?? [];
  return {
    approved: { lines: batch?.lines ?? ours, leftOut, hash: stored.hash },
    written: ours,
    corrections,
    scope,
  };
}

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
): Promise<TiedPeriod> {
  const { connection, settings } = parts;
  const { period } = now;
  const { references, jobs } = await payrollReferences({ store }, parts);
  const id = payRequestIdOf(references.company, period);
  const { approved, written, corrections, scope } = await store.read('payroll.books', (t) =>
    booksOf(t, parts, id, period),
  );
  const corrected = corrections.map(({ line }) => line);
  const ofDates = await entriesOf(parts, period);
  const draft =
    approved === null ? planNow(settings, now, { references, entries: ofDates.entries, scope }) : null;
  const plan = approved ?? draft ?? { lines: [], leftOut: [], hash: '' };
  // Late entries are paid with a period that they are not of, and what was deleted or moved since is of no date any more.
  const there = new Set(ofDates.entries.map(({ id: entry }) => entry));
  const planned = new Set(plan.lines.flatMap((line) => line.entries));
  const others = await connection.procore.payroll.entriesById([...planned].filter((one) => !there.has(one)));
  const entries = [...ofDates.entries, ...others.entries].filter(
    (entry) => planned.has(entry.id) || isOfGroup(entry, period.group, references),
  );
  const kept = new Map(scope.kept.map((one) => [one.entry.id, one]));
  const moved = entries.filter((entry) => {
    const { writtenRevision = null, approved: before = null } = kept.get(entry.id) ?? {};
    return writtenRevision !== null && countedRevision(entry, before, settings) !== writtenRevision;
  });
  return {
    period,
    plan: plan.hash,
    isApproved: approved !== null,
    rows: tieOut({
      entries,
      employeeOf: (entry) => employeeOf(entry, references),
      plan: { ...plan, lines: [...plan.lines, ...corrected] },
      moved: new Set(moved.map((entry) => entry.id)),
      written: [...written, ...corrected],
      rows: await rowsOf(parts, now, corrections, scope),
    }),
    employees: references.employees,
    jobs,
    earnCodes: new Map(references.codes.earnCodes.map(({ code, name }) => [code, name])),
    unreadable: [...ofDates.unreadable, ...others.unreadable],
  };
}

/** Rows of the days of a period: its own, and corrections of later batches; without those that correct earlier periods in its batches. */
async function rowsOf(
  { erp }: PayrollParts,
  { period, periods }: PeriodNow,
  corrections: readonly WrittenLine[],
  { written }: PayScope,
): Promise<readonly KnownLine[]> {
  const mine = new Set(corrections.map(({ line }) => line.key));
  const ofOthers = new Set(
    written
      .filter(({ purpose, line }) => purpose === 'correction' && !mine.has(line.key))
      .map(({ line }) => line.key),
  );
  const names = new Set(corrections.map((one) => one.period));
  const later = periods.filter((one) => names.has(periodName(one)) && periodName(one) !== periodName(period));
  const own = (await erp.lines(period)).filter(({ key }) => key === null || !ofOthers.has(key));
  const others = await Promise.all(later.map((one) => erp.lines(one)));
  return [...own, ...others.flat().filter(({ key }) => key !== null && mine.has(key))];
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
