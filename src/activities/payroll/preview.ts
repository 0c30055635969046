import { dateIn } from '../../domain/base/time-zone';
import { textIn } from '../../domain/kinds/record';
import type { ProcoreId } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import { addDays } from '../../domain/base/local-date';
import type { Employee } from '../../domain/payroll/employee';
import type { TimecardEntry } from '../../domain/payroll/entry';
import { problemsOf } from '../../domain/payroll/mapping';
import { matchAccepted } from '../../domain/payroll/match-people';
import type { PayPeriod } from '../../domain/payroll/period';
import type { PeriodPlan } from '../../domain/payroll/plan';
import { planPeriod } from '../../domain/payroll/plan';
import type { JobPlace, PayrollReferences, Place } from '../../domain/payroll/resolve';
import { ofGroup } from '../../domain/payroll/settings';
import type { UnreadableEntry } from '../../procore/payroll/port';
import type { ActivityDeps } from '../deps';
import type { PayrollParts } from './parts';
import { readPeople } from './people';

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

/** Pay periods of the ERP around now, oldest first. Throws what the ERP throws. */
export async function payPeriods(
  { settings, erp }: PayrollParts,
  now: string,
): Promise<{ readonly today: string; readonly periods: readonly PayPeriod[] }> {
  const today = dateIn(Date.parse(now), settings.timeZone);
  const periods = await erp.periods(addDays(today, -DAYS_BACK));
  return { today, periods: [...periods].sort((one, two) => one.end.localeCompare(two.end)) };
}

/**
 * The plan of one pay period as it would be now: both sides are read, and nothing is written anywhere. Only entries of the dates of the period take part.
 * Throws what the sides throw.
 */
export async function previewPeriod(
  { store }: Pick<ActivityDeps, 'store'>,
  parts: PayrollParts,
  {
    period,
    periods,
    today,
  }: { readonly period: PayPeriod; readonly periods: readonly PayPeriod[]; readonly today: string },
): Promise<PreviewedPeriod> {
  const { connection, settings, erp } = parts;
  const [both, codes, { company }] = await Promise.all([
    readPeople(parts),
    erp.codes(),
    connection.erp.describe(),
  ]);
  const employees = new Map(both.employees.map((employee) => [employee.key, employee]));
  const places = await store.read('payroll.places', async (t) => {
    const [projects, subJobs, accepted] = await Promise.all([
      t.links.inForce(connection.id, 'project'),
      t.links.inForce(connection.id, 'sub_job'),
      t.payrollPeople.accepted(connection.id),
    ]);
    return { projects, subJobs, accepted };
  });
  const matched = matchAccepted(places.accepted, both.people, both.employees);
  const references: PayrollReferences = {
    company,
    mapping: settings.mapping,
    codes,
    people: matched.employees,
    employees,
    jobs: jobsOf(places.projects),
    subJobs: jobsOf(places.subJobs),
    phases: phasesOf([...places.projects, ...places.subJobs]),
    overtimeOwner: (group) => ofGroup(settings.overtimeOwners, group, 'field'),
  };
  const entries: TimecardEntry[] = [];
  const unreadable: UnreadableEntry[] = [];
  for await (const page of connection.procore.payroll.entries({ begin: period.begin, end: period.end })) {
    entries.push(...page.entries);
    unreadable.push(...page.unreadable);
  }
  const plan = planPeriod({
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
  return {
    connectionId: connection.id,
    period,
    plan,
    employees,
    jobs: new Map(
      [...references.jobs.values(), ...references.subJobs.values()].map(({ key, label }) => [key, label]),
    ),
    earnCodes: new Map(codes.earnCodes.map(({ code, name }) => [code, name])),
    unreadable,
    problems: [
      ...problemsOf(settings.mapping, codes).map(({ path, text }) => `payroll.mapping.${path}: ${text}`),
      ...matched.problems,
    ],
  };
}

function jobsOf(links: readonly RecordLink[]): ReadonlyMap<ProcoreId, JobPlace> {
  const jobs = new Map<ProcoreId, JobPlace>();
  for (const { procoreId, erpKey, erp, procore } of links) {
    if (procoreId === null) continue;
    const record = erp ?? procore;
    const label = record === null ? erpKey : `${textIn(record, 'code')} ${textIn(record, 'name')}`.trim();
    jobs.set(procoreId, {
      key: erpKey,
      label,
      isActive: record?.fields['isActive'] !== false,
      timeZone: null,
    });
  }
  return jobs;
}

function phasesOf(links: readonly RecordLink[]): ReadonlyMap<ProcoreId, Place> {
  const phases = new Map<ProcoreId, Place>();
  for (const { procore } of links)
    for (const { kind, procoreId, erpKey, number, fields } of procore?.lines ?? []) {
      if (kind !== 'cost_code' || procoreId === null || erpKey === null) continue;
      const name = typeof fields['name'] === 'string' ? fields['name'] : '';
      phases.set(procoreId, {
        key: erpKey,
        label: `${number} ${name}`.trim(),
        isActive: fields['isActive'] !== false,
      });
    }
  return phases;
}
