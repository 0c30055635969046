import { addDays } from '../../domain/base/local-date';
import { dateIn } from '../../domain/base/time-zone';
import type { ProcoreId } from '../../domain/kinds/record';
import type { AcceptedPerson } from '../../domain/payroll/accepted-person';
import { isTakenBack, shownWithout } from '../../domain/payroll/accepted-person';
import type { Employee } from '../../domain/payroll/employee';
import type { Seconds } from '../../domain/payroll/hours';
import { hoursText, parseHours, SECONDS_PER_HUNDREDTH } from '../../domain/payroll/hours';
import { matchAccepted } from '../../domain/payroll/match-people';
import type { Person } from '../../domain/payroll/person';
import type { PayrollSettings } from '../../domain/payroll/settings';
import type { SuggestedPerson } from '../../domain/payroll/suggest-people';
import { suggestPeople } from '../../domain/payroll/suggest-people';
import type { Dates } from '../../procore/payroll/port';
import type { ActivityDeps, ConnectionParts } from '../deps';
import type { PayrollParts } from './parts';

const EMPLOYEES_A_PAGE = 1_000;
/** Hours and leavers of so many days count as recent. */
const RECENT_DAYS = 45;
/** The hours of more people are not asked for: it would take hundreds of calls. */
const MOST_ASKED = 200;

/** Everybody, as both sides have them. */
export interface BothSides {
  readonly people: readonly Person[];
  readonly employees: readonly Employee[];
}

/** All employees of the ERP; one that is listed twice counts once. */
export async function employeesOf(erp: PayrollParts['erp']): Promise<readonly Employee[]> {
  const employees = new Map<string, Employee>();
  for await (const page of erp.employees(EMPLOYEES_A_PAGE))
    for (const employee of page) employees.set(employee.key, employee);
  return [...employees.values()];
}

/** Throws what the sides throw. */
export async function readPeople({
  connection,
  erp,
}: Pick<PayrollParts, 'connection' | 'erp'>): Promise<BothSides> {
  const [people, employees] = await Promise.all([connection.procore.payroll.people(), employeesOf(erp)]);
  return { people, employees };
}

/** Both sides, and what is written of them, for whoever decides who is who. Null: the connection keeps no payroll. Throws what the sides throw. */
export async function payrollSides(
  connection: ConnectionParts | undefined,
): Promise<(BothSides & { readonly mapping: PayrollSettings['mapping'] }) | null> {
  const { erp, payroll: settings } = connection ?? {};
  if (connection === undefined || settings === undefined || erp?.payroll === undefined) return null;
  return { ...(await readPeople({ connection, erp: erp.payroll })), mapping: settings.mapping };
}

/** Who is who, and who may be whom. */
export interface WhoIsWho extends BothSides {
  readonly connectionId: string;
  /** Key of the employee by person. */
  readonly matched: ReadonlyMap<ProcoreId, string>;
  /** What people decided. */
  readonly accepted: readonly AcceptedPerson[];
  readonly suggestions: readonly SuggestedPerson[];
  /** People who are nobody of the ERP yet, and no machine either. */
  readonly free: readonly Person[];
  /** Sentences with names: who is parked, and why. */
  readonly problems: readonly string[];
}

/** Reads both sides and writes nothing. Throws what the sides throw. */
export async function whoIsWho(
  { store }: Pick<ActivityDeps, 'store'>,
  parts: PayrollParts,
  now: string,
): Promise<WhoIsWho> {
  const { connection, settings } = parts;
  const { people, employees } = await readPeople(parts);
  const accepted = await store.read('payroll.people', (t) => t.payrollPeople.accepted(connection.id));
  const { employees: matched, problems } = matchAccepted(accepted, people, employees);
  const inForce = accepted.filter((one) => !isTakenBack(one));
  const taken = {
    people: new Set([
      ...matched.keys(),
      ...inForce.map(({ personId }) => personId),
      // A machine is nobody, whatever its name.
      ...Object.keys(settings.mapping.equipment).map(Number),
    ]),
    employees: new Set([...matched.values(), ...inForce.map(({ employeeKey }) => employeeKey)]),
  };
  const takenBack = new Map(accepted.filter(isTakenBack).map((one) => [one.personId, one]));
  const shown = people.map((person) => {
    const one = takenBack.get(person.id);
    return one === undefined ? person : shownWithout(person, one);
  });
  const suggestions = suggestPeople({
    people: shown,
    employees,
    isFree: {
      // Whom another integration owns by the origin_id cannot be accepted.
      person: ({ id, originId }) => !taken.people.has(id) && (originId ?? '') === '',
      employee: ({ key }) => !taken.employees.has(key),
    },
    areApart: ({ id }, { key }) => takenBack.get(id)?.employeeKey === key,
    paidSince: recentDates(settings, now).begin,
  });
  const free = shown.filter(({ id }) => !taken.people.has(id));
  return { connectionId: connection.id, people, employees, matched, accepted, suggestions, free, problems };
}

const recentDates = ({ timeZone }: PayrollSettings, now: string): Dates => {
  const end = dateIn(Date.parse(now), timeZone);
  return { begin: addDays(end, -RECENT_DAYS), end };
};

/** Somebody without a partner. */
export interface UnmatchedPerson {
  readonly person: Person;
  /** Of the last 45 days, whatever their status; null: there are too many people to ask. */
  readonly hours: string | null;
}

/**
 * Those who are nobody of the ERP, most hours first: employees in Procore, and others who entered time. `others`: how many of the directory need be
 * nobody. Throws what Procore throws.
 */
export async function unmatchedPeople(
  { connection, settings }: PayrollParts,
  free: readonly Person[],
  now: string,
): Promise<{ readonly unmatched: readonly UnmatchedPerson[]; readonly others: number }> {
  const hours = await hoursOf(connection, free, recentDates(settings, now));
  const secondsOf = ({ id }: Person): Seconds => hours?.get(id) ?? 0;
  const shown = free.filter((person) => person.isEmployee !== false || secondsOf(person) > 0);
  return {
    unmatched: [...shown]
      .sort((one, two) => secondsOf(two) - secondsOf(one) || one.id - two.id)
      .map((person) => ({
        person,
        hours: hours === null ? null : hoursText(Math.round(secondsOf(person) / SECONDS_PER_HUNDREDTH)),
      })),
    others: free.length - shown.length,
  };
}

async function hoursOf(
  { procore }: ConnectionParts,
  people: readonly Person[],
  dates: Dates,
): Promise<ReadonlyMap<ProcoreId, Seconds> | null> {
  if (people.length > MOST_ASKED) return null;
  const hours = new Map<ProcoreId, Seconds>();
  if (people.length === 0) return hours;
  for await (const { entries } of procore.payroll.entries(dates, { people: people.map(({ id }) => id) }))
    for (const { person, hours: text } of entries)
      if (person !== null) hours.set(person.id, (hours.get(person.id) ?? 0) + (parseHours(text) ?? 0));
  return hours;
}
