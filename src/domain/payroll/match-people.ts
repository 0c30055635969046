import { groupBy } from '../base/group-by';
import type { ProcoreId } from '../kinds/record';
import type { AcceptedPerson } from './accepted-person';
import { contradictionOf, isTakenBack, shownWithout } from './accepted-person';
import type { Employee } from './employee';
import { numberOf } from './employee';
import type { Person } from './person';
import { fullName } from './person';

/** Which employee of the ERP each person of Procore is. */
export interface MatchedPeople {
  /** Key of the employee by person. */
  readonly employees: ReadonlyMap<ProcoreId, string>;
  /** People who carry a number that is nobody's in the ERP, or that several carry: a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Matches people by the key that ties them (`origin_id`), else by their employee number (`employee_id`), whatever zeros it begins with. A number that
 * several people carry is nobody's: their hours must not go to the wrong one.
 */
export function matchPeople(people: readonly Person[], employees: readonly Employee[]): MatchedPeople {
  const byKey = new Map(employees.map((one) => [one.key, one]));
  const byNumber = groupBy(employees, ({ number }) => numberOf(number));
  const matched = new Map<ProcoreId, string>();
  const problems: string[] = [];
  const numbered = people.filter(({ employeeId }) => (employeeId ?? '') !== '');
  const carriers = groupBy(numbered, ({ employeeId }) => numberOf(employeeId ?? ''));
  for (const person of people) {
    const tied = byKey.get(person.originId ?? '');
    if (tied !== undefined) {
      matched.set(person.id, tied.key);
      continue;
    }
    const { employeeId } = person;
    if (employeeId === undefined || employeeId === null || employeeId === '') continue;
    const same = carriers.get(numberOf(employeeId)) ?? [];
    const [only, another] = byNumber.get(numberOf(employeeId)) ?? [];
    if (same.length > 1)
      problems.push(
        `${fullName(person)}: employee number ${employeeId} is also that of ${same
          .filter(({ id }) => id !== person.id)
          .map(fullName)
          .join(' and ')}.`,
      );
    else if (only === undefined) problems.push(`${fullName(person)}: the ERP has no employee ${employeeId}.`);
    else if (another !== undefined)
      problems.push(`${fullName(person)}: several employees of the ERP have the number ${employeeId}.`);
    else matched.set(person.id, only.key);
  }
  return { employees: matched, problems };
}

/**
 * As `matchPeople`, with what people accepted: it counts at once, whether Procore shows it yet or not, and what was taken back counts no more, whatever
 * Procore still shows of it. Where Procore says something else of somebody by now, they are nobody until a person has looked.
 */
export function matchAccepted(
  accepted: readonly AcceptedPerson[],
  people: readonly Person[],
  employees: readonly Employee[],
): MatchedPeople {
  const byPerson = new Map(accepted.map((one) => [one.personId, one]));
  const byKey = new Map(employees.map((one) => [one.key, one]));
  const problems: string[] = [];
  const parked = new Set<ProcoreId>();
  const decided = new Set<ProcoreId>();
  const seen = people.map((person): Person => {
    const one = byPerson.get(person.id);
    if (one === undefined) return person;
    const { employeeKey: key, employeeNumber, decidedBy } = one;
    if (isTakenBack(one)) {
      const without = shownWithout(person, one);
      if (without.originId !== person.originId || without.employeeId !== person.employeeId)
        problems.push(
          `${fullName(person)}: ${decidedBy} took back that they are employee ${employeeNumber}; Procore shows it, and it does not count until somebody accepts it again.`,
        );
      return without;
    }
    const employee = byKey.get(key);
    const problem =
      employee === undefined ? 'the ERP has that employee no more' : contradictionOf(person, one, employee);
    if (problem === null) {
      decided.add(person.id);
      return { ...person, originId: key, employeeId: employee?.number ?? employeeNumber };
    }
    problems.push(
      `${fullName(person)}: accepted as employee ${employeeNumber} by ${decidedBy}, but ${problem}.`,
    );
    parked.add(person.id);
    return person;
  });
  const found = matchPeople(seen, employees);
  const holders = groupBy([...found.employees], ([, key]) => key);
  const matched = new Map(found.employees);
  for (const person of seen) {
    const key = matched.get(person.id);
    const others = key === undefined ? [] : (holders.get(key) ?? []).filter(([id]) => id !== person.id);
    const isContested =
      others.length > 0 && [person.id, ...others.map(([id]) => id)].some((id) => decided.has(id));
    if (isContested)
      problems.push(`${fullName(person)}: somebody else is tied to the same employee (${key ?? ''}).`);
    if (isContested || parked.has(person.id)) matched.delete(person.id);
  }
  return { employees: matched, problems: [...problems, ...found.problems] };
}
