import type { ProcoreId } from '../kinds/record';
import type { Employee } from './employee';
import type { Person } from './person';

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
        `${nameOf(person)}: employee number ${employeeId} is also that of ${same
          .filter(({ id }) => id !== person.id)
          .map(nameOf)
          .join(' and ')}.`,
      );
    else if (only === undefined) problems.push(`${nameOf(person)}: the ERP has no employee ${employeeId}.`);
    else if (another !== undefined)
      problems.push(`${nameOf(person)}: several employees of the ERP have the number ${employeeId}.`);
    else matched.set(person.id, only.key);
  }
  return { employees: matched, problems };
}

const numberOf = (text: string): string => text.trim().replace(/^0+(?=.)/, '');
const nameOf = ({ firstName, lastName }: Person): string => [firstName, lastName].filter(Boolean).join(' ');

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
