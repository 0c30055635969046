import { addDays } from '../../domain/base/local-date';
import { dateIn } from '../../domain/base/time-zone';
import type { Employee } from '../../domain/payroll/employee';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { PayPeriod } from '../../domain/payroll/period';
import type { PeriodPlan } from '../../domain/payroll/plan';
import { planPeriod } from '../../domain/payroll/plan';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import type { PayrollSettings } from '../../domain/payroll/settings';
import { ofGroup } from '../../domain/payroll/settings';
import type { UnreadableEntry } from '../../procore/payroll/port';
import type { ActivityDeps } from '../deps';
import type { PayrollParts } from './references';
import { entriesOf, payrollReferences } from './references';

export type { PayrollParts } from './references';

/** What a pay period looks like now. */
export interface PreviewedPeriod {
  readonly connectionId: string;
  readonly period: PayPeriod;
  readonly plan: PeriodPlan;
  /** Of the ERP, by key. */
  readonly employees: ReadonlyMap<string, Employee>;
  /** By key of the ERP. */
  readonly jobs: ReadonlyMap<string, string>;
  readonly earnCodes: ReadonlyMap<string, string>;
  /** Entries that Procore shows without what payroll must know. */
  readonly unreadable: readonly UnreadableEntry[];
  /** What is wrong with people and the mapping, a sentence each. */
  readonly problems: readonly string[];
}

/** Periods that ended longer ago are over for everybody. */
const DAYS_BACK = 45;

/** Pay periods of the ERP around now and from this date on, oldest first. Throws what the ERP throws. */
export async function payPeriods(
  { settings, erp }: PayrollParts,
  now: string,
  from?: string,
): Promise<{ readonly today: string; readonly periods: readonly PayPeriod[] }> {
  const today = dateIn(Date.parse(now), settings.timeZone);
  const back = addDays(today, -DAYS_BACK);
  const periods = await erp.periods(from !== undefined && from < back ? from : back);
  return { today, periods: [...periods].sort((one, two) => one.end.localeCompare(two.end)) };
}

/** One of the periods around a day. */
export interface PeriodNow {
  readonly period: PayPeriod;
  readonly periods: readonly PayPeriod[];
  readonly today: string;
}

/**
 * The plan of one pay period as it would be now: both sides are read, and nothing is written anywhere. Only entries of the dates of the period take part.
 * Throws what the sides throw.
 */
export async function previewPeriod(
  { store }: Pick<ActivityDeps, 'store'>,
  parts: PayrollParts,
  now: PeriodNow,
): Promise<PreviewedPeriod> {
  const { references, jobs, problems } = await payrollReferences({ store }, parts);
  const { entries, unreadable } = await entriesOf(parts, now.period);
  return {
    connectionId: parts.connection.id,
    period: now.period,
    plan: planNow(parts.settings, now, { references, entries }),
    employees: references.employees,
    jobs,
    earnCodes: new Map(references.codes.earnCodes.map(({ code, name }) => [code, name])),
    unreadable,
    problems,
  };
}

/** What these entries come to in a period, with nothing of it paid elsewhere. */
export const planNow = (
  settings: PayrollSettings,
  { period, periods, today }: PeriodNow,
  { references, entries }: { references: PayrollReferences; entries: readonly TimecardEntry[] },
): PeriodPlan =>
  planPeriod({
    period,
    periods: periods.filter(({ group }) => group === period.group),
    asOf: today,
    entries,
    references,
    rules: {
      payable: settings.payable,
      grid: settings.rounding,
      workweek: [{ startsOn: ofGroup(settings.workweeks, period.group, 0), since: null }],
      overtime: settings.overtime,
      timeZone: settings.timeZone,
    },
    elsewhere: new Map(),
    gathered: null,
  });
