import { addDays } from '../../domain/base/local-date';
import type { PayPeriod } from '../../domain/payroll/period';
import type { ProcoreId } from '../../domain/kinds/record';
import { textIn } from '../../domain/kinds/record';
import type { RecordLink } from '../../domain/kinds/record-link';
import type { PayCodes } from '../../domain/payroll/codes';
import type { Employee } from '../../domain/payroll/employee';
import type { PayrollRules } from '../../domain/payroll/gather';
import { problemsOf } from '../../domain/payroll/mapping';
import type { AcceptedPerson } from '../../domain/payroll/accepted-person';
import { matchAccepted } from '../../domain/payroll/match-people';
import type { Person } from '../../domain/payroll/person';
import type { JobPlace, PayrollReferences, Place } from '../../domain/payroll/resolve';
import type { PayrollSettings } from '../../domain/payroll/settings';
import { ofGroup } from '../../domain/payroll/settings';
import { TiebackError } from '../../domain/base/errors';
import type { Repositories } from '../../store/repositories';
import type { ConnectionParts } from '../deps';
import type { PayrollParts } from './parts';

/** Throws `ERP_CONFIG` where payroll is not configured, or the ERP keeps none. */
export function payrollOf(connection: ConnectionParts): PayrollParts {
  const { payroll: settings, erp, id } = connection;
  if (settings === undefined || erp.payroll === undefined)
    throw new TiebackError('ERP_CONFIG', {
      reason:
        settings === undefined
          ? `connections.${id}.payroll is not configured`
          : `the ERP adapter of connection "${id}" keeps no payroll`,
    });
  return { connection, settings, erp: erp.payroll };
}

/** What both sides say about people and codes. */
export interface PayrollSides {
  /** Key of the ERP's company. */
  readonly company: string;
  readonly employees: readonly Employee[];
  readonly codes: PayCodes;
  readonly people: readonly Person[];
}

/** Pay periods of the ERP that end on or after a date, each with its cut-off. */
export const periodsOf = async (
  { erp, settings }: Pick<PayrollParts, 'erp' | 'settings'>,
  from: string,
): Promise<readonly PayPeriod[]> =>
  (await erp.periods(from)).map((period) => ({
    ...period,
    cutOff: period.cutOff ?? addDays(period.end, settings.cutOffDays),
  }));

/** What our store says about places and people. */
export interface KnownHere {
  readonly accepted: readonly AcceptedPerson[];
  readonly projects: readonly RecordLink[];
  readonly subJobs: readonly RecordLink[];
}

export async function knownHere(t: Repositories, connectionId: string): Promise<KnownHere> {
  const [projects, subJobs, accepted] = await Promise.all([
    t.links.inForce(connectionId, 'project'),
    t.links.inForce(connectionId, 'sub_job'),
    t.payrollPeople.accepted(connectionId),
  ]);
  return { projects, subJobs, accepted };
}

/** What turns timecards into codes of payroll, and what is wrong with it, a sentence each. */
export function referencesOf(
  { company, employees, codes, people }: PayrollSides,
  { projects, subJobs, accepted }: KnownHere,
  settings: PayrollSettings,
): { readonly references: PayrollReferences; readonly problems: readonly string[] } {
  const matched = matchAccepted(accepted, people, employees);
  return {
    references: {
      company,
      mapping: settings.mapping,
      codes,
      people: matched.employees,
      employees: new Map(employees.map((one) => [one.key, one])),
      jobs: jobsOf(projects),
      subJobs: jobsOf(subJobs),
      phases: phasesOf([...projects, ...subJobs]),
      overtimeOwner: (group) => ofGroup(settings.overtimeOwners, group, 'field'),
    },
    problems: [
      ...problemsOf(settings.mapping, codes).map(({ path, text }) => `payroll.mapping.${path}: ${text}`),
      ...matched.problems,
    ],
  };
}

/** Rules of one pay group. */
export const rulesOf = (settings: PayrollSettings, group: string): PayrollRules => ({
  payable: settings.payable,
  grid: settings.rounding,
  workweek: [{ startsOn: ofGroup(settings.workweeks, group, 0), since: null }],
  overtime: settings.overtime,
  timeZone: settings.timeZone,
});

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
