import type { PayrollParts } from './activities/payroll/parts';
import { unmatchedPeople, whoIsWho } from './activities/payroll/people';
import type { PeopleShown } from './desk/payroll/people-shown';
import { isPending, isTakenBack, peopleRevision } from './domain/payroll/accepted-person';
import { personName } from './domain/payroll/employee';
import { fullName } from './domain/payroll/person';
import type { Store } from './store/store';

/** Reads both sides as they are now, and writes nothing. Throws what the sides throw. */
export async function peopleShown(store: Store, parts: PayrollParts, now: string): Promise<PeopleShown> {
  const who = await whoIsWho({ store }, parts, now);
  const { unmatched, others } = await unmatchedPeople(parts, who.free, now);
  const persons = new Map(who.people.map((one) => [one.id, one]));
  const staff = new Map(who.employees.map((one) => [one.key, one]));
  const inForce = who.accepted.filter((one) => !isTakenBack(one));
  const taken = new Set([...who.matched.values(), ...inForce.map(({ employeeKey }) => employeeKey)]);
  const nameOf = (id: number): string => {
    const person = persons.get(id);
    return person === undefined ? String(id) : fullName(person);
  };
  return {
    matched: who.matched.size,
    suggestions: who.suggestions.flatMap(({ personId, employeeKey, verdict, reasons }) => {
      const [person, employee] = [persons.get(personId), staff.get(employeeKey)];
      return person === undefined || employee === undefined
        ? []
        : [
            {
              personId,
              personRevision: peopleRevision(person),
              person: fullName(person),
              employeeKey,
              employeeRevision: peopleRevision(employee),
              employee: personName(employee),
              verdict,
              reasons,
            },
          ];
    }),
    unmatched: unmatched.map(({ person: { id }, hours }) => {
      const person = persons.get(id);
      return {
        personId: id,
        personRevision: person === undefined ? '' : peopleRevision(person),
        person: nameOf(id),
        number: person?.employeeId ?? null,
        hours,
      };
    }),
    others,
    accepted: who.accepted
      .filter((one) => !isTakenBack(one) || isPending(one) || one.reason !== null)
      .map(({ personId, employeeKey, employeeNumber, state, reason, decidedBy, decidedAt }) => {
        const employee = staff.get(employeeKey);
        return {
          personId,
          person: nameOf(personId),
          employeeKey,
          employee: employee === undefined ? employeeNumber : personName(employee),
          state,
          reason,
          decidedBy,
          decidedAt,
        };
      }),
    employees: who.employees
      .filter(({ key }) => !taken.has(key))
      .map((employee) => ({
        employeeKey: employee.key,
        employeeRevision: peopleRevision(employee),
        employee: personName(employee),
        payGroup: employee.payGroup,
        isActive: employee.isActive,
      }))
      .sort((one, two) => (one.employee < two.employee ? -1 : 1)),
    problems: who.problems,
  };
}
