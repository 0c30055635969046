import { textIn } from '../../domain/kinds/record';
import type { ProcoreId } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { Employee } from '../../domain/payroll/employee';
import type { TimecardEntry } from '../../domain/payroll/entry';
import { problemsOf } from '../../domain/payroll/mapping';
import { matchPeople } from '../../domain/payroll/match-people';
import type { JobPlace, PayrollReferences, Place } from '../../domain/payroll/resolve';
import type { PayrollSettings } from '../../domain/payroll/settings';
import { ofGroup } from '../../domain/payroll/settings';
import type { PayrollCapability } from '../../erp-adapters/contract/payroll';
import type { Dates, UnreadableEntry } from '../../procore/payroll/port';
import type { ActivityDeps, ConnectionParts } from '../deps';

/** A connection whose ERP keeps payroll, and that says how. */
export interface PayrollParts {
  readonly connection: ConnectionParts;
  readonly settings: PayrollSettings;
  readonly erp: PayrollCapability;
}

/** Both sides as they are now, as far as they turn timecards into codes of payroll. */
export interface ReadReferences {
  readonly references: PayrollReferences;
  /** Labels of jobs and sub jobs, by key of the ERP. */
  readonly jobs: ReadonlyMap<string, string>;
  /** Their numbers, by key of the ERP, as far as the ERP told them. */
  readonly jobNumbers: ReadonlyMap<string, string>;
  /** What is wrong with people and the mapping, a sentence each. */
  readonly problems: readonly string[];
}

const EMPLOYEES_A_PAGE = 1_000;

/** Reads people, codes and links. Throws what the sides throw. */
export async function payrollReferences(
  { store }: Pick<ActivityDeps, 'store'>,
  { connection, settings, erp }: PayrollParts,
): Promise<ReadReferences> {
  const employees = new Map<string, Employee>();
  for await (const page of erp.employees(EMPLOYEES_A_PAGE))
    for (const employee of page) employees.set(employee.key, employee);
  const [codes, { company }, people] = await Promise.all([
    erp.codes(),
    connection.erp.describe(),
    connection.procore.payroll.people(),
  ]);
  const matched = matchPeople(people, [...employees.values()]);
  const places = await store.read('payroll.places', async (t) => {
    const [projects, subJobs] = await Promise.all([
      t.links.inForce(connection.id, 'project'),
      t.links.inForce(connection.id, 'sub_job'),
    ]);
    return { projects, subJobs };
  });
  const links = [...places.projects, ...places.subJobs];
  const references: PayrollReferences = {
    company,
    mapping: settings.mapping,
    codes,
    people: matched.employees,
    employees,
    jobs: jobsOf(places.projects),
    subJobs: jobsOf(places.subJobs),
    phases: phasesOf(links),
    overtimeOwner: (group) => ofGroup(settings.overtimeOwners, group, 'field'),
  };
  return {
    references,
    jobs: new Map(
      [...references.jobs.values(), ...references.subJobs.values()].map(({ key, label }) => [key, label]),
    ),
    jobNumbers: new Map(
      links.map(({ erpKey, erp: record, procore }) => [erpKey, numberIn(record ?? procore)]),
    ),
    problems: [
      ...problemsOf(settings.mapping, codes).map(({ path, text }) => `payroll.mapping.${path}: ${text}`),
      ...matched.problems,
    ],
  };
}

/** Entries of these dates of work, of everybody. Throws what Procore throws, also where any may be missing. */
export async function entriesOf(
  { connection }: PayrollParts,
  { begin, end }: Dates,
): Promise<{ readonly entries: readonly TimecardEntry[]; readonly unreadable: readonly UnreadableEntry[] }> {
  const entries: TimecardEntry[] = [];
  const unreadable: UnreadableEntry[] = [];
  for await (const page of connection.procore.payroll.entries({ begin, end })) {
    entries.push(...page.entries);
    unreadable.push(...page.unreadable);
  }
  return { entries, unreadable };
}

const numberIn = (record: RecordLink['erp']): string => (record === null ? '' : textIn(record, 'code'));

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
