import type { Person } from '../../domain/payroll/person';
import type { ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject } from '../client/json';
import type { Row } from '../kinds/toolbox/lists';
import { steadyRowsOf, textIn } from '../kinds/toolbox/lists';
import * as s from '../kinds/toolbox/schemas';
import type { ProcorePayroll } from './port';

export const peoplePath = ({ companyId }: ProcoreHttp): string => `/rest/v1.0/companies/${companyId}/people`;

/** People of the directory (OpenAPI, "List Company People"). */
export const peopleOf =
  (http: ProcoreHttp): ProcorePayroll['people'] =>
  async () => {
    const rows = await steadyRowsOf(http, { name: 'people', path: peoplePath(http) });
    const problems: string[] = [];
    const people = rows.map((row) => personOf(row, problems));
    if (problems.length > 0)
      http.runtime.logger.warn('Values of people in Procore cannot be read and count as unknown', {
        count: problems.length,
        problems: problems.slice(0, MOST_PROBLEMS),
      });
    return people;
  };

const MOST_PROBLEMS = 20;

const bool = s.reading('true or false', (value) => (typeof value === 'boolean' ? value : undefined));

/** Without the values: they are about people. */
function personOf({ id, raw }: Row, problems: string[]): Person {
  const contact = isObject(raw['contact']) ? raw['contact'] : {};
  const known = <K extends keyof Person>(
    field: K,
    schema: { safeParse(value: unknown): { success: true; data: Person[K] } | { success: false } },
    key: string,
    holder: JsonObject = raw,
  ): Partial<Person> => {
    if (!Object.hasOwn(holder, key)) return {};
    const read = schema.safeParse(holder[key]);
    if (read.success) return { [field]: read.data };
    problems.push(`person ${id}: ${key}`);
    return {};
  };
  return {
    id,
    firstName: textIn({ id, raw }, 'first_name') || null,
    lastName: textIn({ id, raw }, 'last_name'),
    ...known('employeeId', s.numberText, 'employee_id'),
    ...known('originId', s.originId, 'origin_id'),
    ...known('isEmployee', bool, 'is_employee'),
    ...known('isActive', bool, 'is_active', contact),
    ...known('workClassificationId', s.optionalId, 'work_classification_id'),
    ...known('userId', s.optionalId, 'user_id'),
    ...known('email', s.text, 'email', contact),
  };
}
