import type { Person } from '../../domain/payroll/person';
import { errorSentences } from '../client/error-body';
import type { Call, ProcoreHttp } from '../client/http';
import type { JsonObject } from '../client/json';
import * as s from '../kinds/toolbox/schemas';
import type { ItemError } from '../item-error';
import { peopleOf, peoplePath } from './people';
import type { PersonChange, ProcorePayroll } from './port';

/** What Procore says instead of taking a person. */
const REFUSED = [400, 404, 409, 422];

const NAMES = {
  employeeId: 'employee_id',
  originId: 'origin_id',
  workClassificationId: 'work_classification_id',
} as const;
type Written = keyof typeof NAMES;

const GONE = 'Procore does not show this person any more';

/**
 * Writes employee numbers, keys of the ERP and classifications (OpenAPI, "Update company person"), one call for each person who differs. The answer is
 * not documented: what was written is read back from the list, once for all.
 */
export const writePeopleOf =
  (http: ProcoreHttp): ProcorePayroll['writePeople'] =>
  async (changes) => {
    if (changes.length === 0) return [];
    const errors: ItemError[] = [];
    const written: PersonChange[] = [];
    const before = await byId(http);
    for (const change of changes) {
      const person = before.get(change.id);
      if (person !== undefined && different(change, person).length === 0) continue;
      const messages = person === undefined ? [GONE] : await write(http, change, person);
      if (messages === null) written.push(change);
      else errors.push({ key: String(change.id), messages });
    }
    if (written.length === 0) return errors;
    const after = await byId(http);
    for (const change of written) {
      const messages = notKept(change, after.get(change.id));
      if (messages.length > 0) errors.push({ key: String(change.id), messages });
    }
    return errors;
  };

const byId = async (http: ProcoreHttp): Promise<ReadonlyMap<number, Person>> =>
  new Map((await peopleOf(http)()).map((person) => [person.id, person]));

/** The last name goes with every change: Procore demands it. Null: Procore took it. */
async function write(
  http: ProcoreHttp,
  change: PersonChange,
  { id, lastName }: Person,
): Promise<readonly string[] | null> {
  const fields: JsonObject = Object.fromEntries(given(change).map((field) => [NAMES[field], change[field]]));
  const call: Call = {
    operation: 'people.update',
    method: 'PATCH',
    path: `${peoplePath(http)}/${id}`,
    body: { person: { last_name: lastName, ...fields } },
    repeatable: true,
    alsoAccept: REFUSED,
  };
  const { status, body } = await http.send(call);
  if (status < 300) return null;
  const messages = errorSentences(body).map(http.redact);
  return messages.length > 0 ? messages : [`HTTP ${status}`];
}

const given = (change: PersonChange): readonly Written[] =>
  (Object.keys(NAMES) as Written[]).filter((field) => change[field] !== undefined);

const different = (change: PersonChange, person: Person): readonly Written[] =>
  given(change).filter((field) => person[field] !== change[field]);

const notKept = (change: PersonChange, person: Person | undefined): readonly string[] =>
  person === undefined
    ? [GONE]
    : different(change, person).map((field) => `${NAMES[field]}: Procore has ${s.describe(person[field])}`);
