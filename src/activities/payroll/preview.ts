import { addDays } from '../../domain/base/local-date';
import { dateIn } from '../../domain/base/time-zone';
import type { Employee } from '../../domain/payroll/employee';
import type { TimecardEntry } from '../../domain/payroll/entry';
import type { PayPeriod } from '../../domain/payroll/period';
import type { PeriodPlan } from '../../domain/payroll/plan';
import { planPeriod } from '../../domain/payroll/plan';
import { periodInput } from '../../domain/payroll/request-plan';
import type { PayrollReferences } from '../../domain/payroll/resolve';
import type { PayrollSettings } from '../../domain/payroll/settings';
import { payRequestIdOf } from '../../domain/request/id';
import type { UnreadableEntry } from '../../procore/payroll/port';
import type { ActivityDeps } from '../deps';
import type { PayrollParts } from './parts';
import { entriesOf, payrollReferences } from './references';
import type { PayScope } from './scope';
import { payScope } from './scope';
import { periodsOf, rulesOf } from './sides';

export type { PayrollParts } from './parts';

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
  parts: PayrollParts,
  now: string,
  from?: string,
): Promise<{ readonly today: string; readonly periods: readonly PayPeriod[] }> {
  const today = dateIn(Date.parse(now), parts.settings.timeZone);
  const back = addDays(today, -DAYS_BACK);
  const periods = await periodsOf(parts, from !== undefined && from < back ? from : back);
  return { today, periods: [...periods].sort((one, two) => one.end.localeCompare(two.end)) };
}

/** One of the periods around a day. */
export interface PeriodNow {
  readonly period: PayPeriod;
  readonly periods: readonly PayPeriod[];
  readonly today: string;
}

/**
 * The plan of one pay period as it would be now: both sides are read, and nothing is written anywhere. What our books say of entries counts: what is written
 * in another period, or was late for it. Throws what the sides throw.
 */
export async function previewPeriod(
  { store }: Pick<ActivityDeps, 'store'>,
  parts: PayrollParts,
  now: PeriodNow,
): Promise<PreviewedPeriod> {
  const { connection, settings } = parts;
  const { period } = now;
  const { references, jobs, problems } = await payrollReferences({ store }, parts);
  const { entries, unreadable } = await entriesOf(parts, period);
  const row = {
    id: payRequestIdOf(references.company, period),
    connectionId: connection.id,
    corrections: null,
  };
  const scope = await store.read('payroll.scope', (t) => payScope(t, parts, row, period));
  return {
    connectionId: connection.id,
    period,
    plan: planNow(settings, now, { references, entries, scope }),
    employees: references.employees,
    jobs,
    earnCodes: new Map(references.codes.earnCodes.map(({ code, name }) => [code, name])),
    unreadable,
    problems,
  };
}

/** What these entries come to in a period, as our books stand. */
export function planNow(
  settings: PayrollSettings,
  { period, periods, today }: PeriodNow,
  {
    references,
    entries,
    scope: { kept, olderEnds },
  }: {
    readonly references: PayrollReferences;
    readonly entries: readonly TimecardEntry[];
    readonly scope: Pick<PayScope, 'kept' | 'olderEnds'>;
  },
): PeriodPlan {
  const known = new Map(kept.map((one) => [one.entry.id, one]));
  const fresh = entries.map((entry) => ({
    ...NEW,
    ...known.get(entry.id),
    entry,
    payableSince: known.get(entry.id)?.payableSince ?? entry.updatedAt,
  }));
  const ids = new Set(entries.map(({ id }) => id));
  const ofGroup = periods.filter(({ group }) => group === period.group);
  return planPeriod(
    periodInput({
      period,
      periods: ofGroup,
      asOf: today,
      kept: [...fresh, ...kept.filter(({ entry }) => !ids.has(entry.id))],
      references,
      rules: rulesOf(settings, period.group),
      // Where nobody kept what it had at its cut-off, all of it is still its own.
      isCutOff: kept.length > 0 && today > (period.cutOff ?? period.end),
      older: ofGroup.filter(({ end, run }) => run === 1 && olderEnds.includes(end)),
    }),
  );
}

const NEW = { approved: null, payableSince: null, writtenIn: null, hours: null, writtenRevision: null };
