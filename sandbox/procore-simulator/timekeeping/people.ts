import { asInt, asString, type JsonObject } from '../json';
import type { Company, State } from '../state';
import { ItemError } from '../sync-action';
import type { TimeRow } from './books';

const NEW_PERSON: JsonObject = {
  first_name: null,
  last_name: null,
  is_employee: false,
  employee_id: null,
  active: true,
  origin_id: null,
  job_title: null,
  work_classification_id: null,
  user_id: null,
  email: null,
};

/** People of the directory, classifications and crews, with the rules that hold whoever writes. */
export class People {
  constructor(private readonly state: State) {}

  /** Throws `ItemError`. */
  add(company: Company, given: JsonObject): TimeRow {
    const fields = { ...NEW_PERSON, ...given };
    this.check(company, fields, null);
    return this.put(company.time.people, 'person', fields);
  }

  /** Throws `ItemError`. */
  edit(company: Company, person: TimeRow, given: JsonObject): void {
    const fields = { ...person.fields, ...given };
    this.check(company, fields, person.id);
    if (JSON.stringify(fields) === JSON.stringify(person.fields)) return;
    Object.assign(person.fields, given);
    person.updated_at = this.state.now();
  }

  classify(company: Company, given: JsonObject, userId: number | null): TimeRow {
    if (asString(given['name']) === undefined) throw new ItemError({ name: ["can't be blank"] });
    const fields = {
      abbreviation: null,
      deletable: true,
      company_visible: true,
      created_by_id: userId,
      project_ids: [],
      ...given,
    };
    return this.put(company.time.classifications, 'record', fields);
  }

  crew(company: Company, projectId: number, given: JsonObject, userId: number | null): TimeRow {
    if (asString(given['name']) === undefined) throw new ItemError({ name: ["can't be blank"] });
    const fields = { lead_party_id: null, party_ids: [], created_by_id: userId, ...given };
    return this.put(company.time.crews, 'record', { ...fields, project_id: projectId });
  }

  /** "ERP External Data": an origin_id is unique per object type of a company. */
  private check(company: Company, fields: JsonObject, id: number | null): void {
    const errors: Record<string, string[]> = {};
    if ((asString(fields['last_name']) ?? '').trim() === '') errors['last_name'] = ["can't be blank"];
    const originId = fields['origin_id'];
    const others = [...company.time.people.values()].filter((other) => other.id !== id);
    if (originId !== null && others.some((other) => other.fields['origin_id'] === originId)) {
      errors['origin_id'] = ['has already been taken'];
    }
    const classification = fields['work_classification_id'];
    if (classification !== null && !company.time.classifications.has(asInt(classification) ?? -1)) {
      errors['work_classification_id'] = ['must exist'];
    }
    if (Object.keys(errors).length > 0) throw new ItemError(errors);
  }

  private put(rows: Map<number, TimeRow>, ids: 'person' | 'record', { id, ...fields }: JsonObject): TimeRow {
    const now = this.state.now();
    const row: TimeRow = {
      id: asInt(id) ?? this.state.nextId(ids),
      fields,
      created_at: now,
      updated_at: now,
    };
    rows.set(row.id, row);
    return row;
  }
}
