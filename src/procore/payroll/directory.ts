import type { Named } from '../../domain/payroll/entry';
import type { Person } from '../../domain/payroll/person';
import { errorSentences } from '../client/error-body';
import type { Call, ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import { isObject, textOrNull, toId } from '../client/json';
import { readPage } from '../client/pages';
import type { List, Row } from '../kinds/toolbox/lists';
import { rowsOf, steadyRowsOf, textIn } from '../kinds/toolbox/lists';
import * as s from '../kinds/toolbox/schemas';
import type { ItemError } from '../item-error';
import type { PersonChange, ProcorePayroll, WorkClassification } from './port';

const listOf = ({ companyId }: ProcoreHttp, name: string): List => ({
  name,
  path: `/rest/v1.0/companies/${companyId}/${name}`,
});

/** Time types of the company (OpenAPI, "List Timecard Time Types"): one answer, without pages. */
export const timeTypesOf =
  (http: ProcoreHttp): ProcorePayroll['timeTypes'] =>
  async () => {
    const { path } = listOf(http, 'timecard_time_types');
    const { rows } = await readPage(http, { operation: 'timecard_time_types.list', method: 'GET', path });
    return rows.flatMap((raw): readonly Named[] => {
      const id = toId(raw['id']);
      return id === null ? [] : [{ id, name: textIn({ id, raw }, 'time_type') || String(id) }];
    });
  };

/** Work classifications of the company (OpenAPI, "List all Classification"): union craft and class. */
export const workClassificationsOf =
  (http: ProcoreHttp): ProcorePayroll['workClassifications'] =>
  async () =>
    (await rowsOf(http, listOf(http, 'work_classifications'))).map((row): WorkClassification => ({
      id: row.id,
      name: textIn(row, 'name') || String(row.id),
      abbreviation: textIn(row, 'abbreviation') || null,
    }));

/** People of the directory (OpenAPI, "List Company People"). */
export const peopleOf =
  (http: ProcoreHttp): ProcorePayroll['people'] =>
  async () => {
    const rows = await steadyRowsOf(http, listOf(http, 'people'));
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

/** What Procore says instead of taking a person. */
const REFUSED = [400, 404, 409, 422];

/**
 * Writes employee numbers, keys of the ERP and classifications (OpenAPI, "Update company person"), one call a person. The answer is not documented:
 * what was written is read back from the list, once for all.
 */
export const writePeopleOf =
  (http: ProcoreHttp): ProcorePayroll['writePeople'] =>
  async (changes) => {
    const errors: ItemError[] = [];
    const written: PersonChange[] = [];
    for (const change of changes) {
      const messages = await writePerson(http, change);
      if (messages === null) written.push(change);
      else errors.push({ key: String(change.person.id), messages });
    }
    if (written.length === 0) return errors;
    const people = new Map((await peopleOf(http)()).map((person) => [person.id, person]));
    for (const change of written) {
      const messages = differences(change, people.get(change.person.id));
      if (messages.length > 0) errors.push({ key: String(change.person.id), messages });
    }
    return errors;
  };

/** Null: Procore took it. */
async function writePerson(
  http: ProcoreHttp,
  { person, ...fields }: PersonChange,
): Promise<readonly string[] | null> {
  const call: Call = {
    operation: 'people.update',
    method: 'PATCH',
    path: `${listOf(http, 'people').path}/${person.id}`,
    body: { person: { last_name: person.lastName, ...encoded(fields) } },
    repeatable: true,
    alsoAccept: REFUSED,
  };
  const { status, body } = await http.send(call);
  if (status < 300) return null;
  const messages = errorSentences(body).map(http.redact);
  return messages.length > 0 ? messages : [`HTTP ${status}`];
}

const NAMES = {
  employeeId: 'employee_id',
  originId: 'origin_id',
  workClassificationId: 'work_classification_id',
} as const;
type Written = keyof typeof NAMES;

const given = (fields: Omit<PersonChange, 'person'>): readonly Written[] =>
  (Object.keys(NAMES) as Written[]).filter((field) => fields[field] !== undefined);

const encoded = (fields: Omit<PersonChange, 'person'>): JsonObject =>
  Object.fromEntries(given(fields).map((field) => [NAMES[field], fields[field]]));

function differences(change: PersonChange, person: Person | undefined): readonly string[] {
  if (person === undefined) return ['Procore does not show this person any more'];
  return given(change)
    .filter((field) => person[field] !== change[field])
    .map((field) => `${NAMES[field]}: Procore has ${s.describe(textOrNull(person[field]) ?? person[field])}`);
}
