import type { Catalogue } from '../catalogue';
import { ApiError, notFound, refused } from '../errors';
import { created, ok, pathId, wrapped, type Call, type Handler, type Reply } from '../http-kit';
import { asInt, isObject, type JsonObject } from '../json';
import { paginate } from '../pagination';
import { likeResponse } from '../records/documented-shape';
import type { Records } from '../records/store';
import { writable } from '../records/writable';
import type { State } from '../state';
import { personName, printed, type TimeRow } from './books';
import { asRequest, inRange, refuseUnplayed } from './lists';
import type { People } from './people';

export interface DirectoryParts {
  state: State;
  records: Records;
  catalogue: Catalogue;
  people: People;
  duplicateOriginIdStatus: 409 | 422;
}

/** People of the directory and what timekeeping chooses from (Procore OpenAPI, "people", "timecard-time-types", "classifications", "crews"). */
export class DirectoryRoutes {
  constructor(private readonly parts: DirectoryParts) {}

  handlers(): Record<string, Handler> {
    return {
      RestV10CompaniesCompanyIdPeopleGet: (call) => this.people(call),
      RestV10CompaniesCompanyIdPeoplePost: (call) => this.addPerson(call),
      RestV10CompaniesCompanyIdPeopleIdPatch: (call) => this.editPerson(call),
      RestV20CompaniesCompanyIdPeopleBulkActivatePost: (call) => this.activate(call, true),
      RestV20CompaniesCompanyIdPeopleBulkDeactivatePost: (call) => this.activate(call, false),
      RestV10CompaniesCompanyIdTimecardTimeTypesGet: ({ company }) =>
        ok([...company.time.timeTypes.values()].map(({ id, time_type }) => ({ id, time_type }))),
      RestV10TimecardTimeTypesGet: (call) => {
        this.projectId(call);
        return paginate([...call.company.time.timeTypes.values()], call, (type) => ({ ...type }));
      },
      RestV10CompaniesCompanyIdWorkClassificationsGet: (call) => this.classifications(call, null),
      RestV10ProjectsProjectIdWorkClassificationsGet: (call) =>
        this.classifications(call, this.projectId(call)),
      RestV10CompaniesCompanyIdWorkClassificationsPost: (call) =>
        asRequest(() => {
          const given = writable(call.operation, 'work_classification', wrapped(call, 'work_classification'));
          const row = this.parts.people.classify(call.company, given, call.token.userId);
          return created(classification(call.company.id, row));
        }),
      RestV10ProjectsProjectIdCrewsGet: (call) => this.crews(call),
      RestV10ProjectsProjectIdCrewsIdGet: (call) => ok(this.crew(call, this.findCrew(call))),
      RestV10ProjectsProjectIdCrewsPost: (call) =>
        asRequest(() => {
          const given = writable(call.operation, 'crew', wrapped(call, 'crew'));
          const row = this.parts.people.crew(call.company, this.projectId(call), given, call.token.userId);
          return created(this.crew(call, row));
        }),
      RestV10CompaniesCompanyIdRoundingConfigurationGet: ({ company }) =>
        ok({ id: company.id, company_id: company.id, ...company.time.rounding }),
      RestV10CompaniesCompanyIdTimesheetsTimesheetToBudgetConfigurationGet: ({ company }) =>
        ok({
          id: company.id,
          company_id: company.id,
          line_item_type_id: null,
          erp_default_line_item_type_id: null,
          equipment_default_line_item_type_id: null,
          equipment_erp_default_line_item_type_id: null,
          has_backfilled: true,
          ...company.time.budgetDefaults,
        }),
    };
  }

  private people(call: Call): Reply {
    const { query, company } = call;
    refuseUnplayed(
      call,
      'filters[connected]',
      'filters[state_code]',
      'filters[vendor_id]',
      'filters[trade_id]',
    );
    const isEmployee = query.get('filters[is_employee]');
    const search = query.get('filters[search]')?.toLowerCase();
    const title = query.get('filters[job_title]');
    const found = [...company.time.people.values()].filter((person) => {
      const { fields } = person;
      const isReference = fields['user_id'] === null;
      if (isEmployee !== undefined && String(fields['is_employee'] === true) !== isEmployee) return false;
      if (query.get('filters[without_reference_users]') === 'true' && isReference) return false;
      if (query.get('filters[reference_users_only]') === 'true' && !isReference) return false;
      if (title !== undefined && fields['job_title'] !== title) return false;
      return search === undefined || personName(person).toLowerCase().includes(search);
    });
    return paginate(found, call, (person) => this.person(call, person));
  }

  private addPerson(call: Call): Reply {
    return asRequest(() => {
      const given = writable(call.operation, 'person', wrapped(call, 'person'));
      return created(this.person(call, this.parts.people.add(call.company, given)));
    }, this.parts.duplicateOriginIdStatus);
  }

  /** OpenAPI: an update names the last name again. */
  private editPerson(call: Call): Reply {
    const person = call.company.time.people.get(pathId(call));
    if (!person) throw notFound(`Couldn't find Person with 'id'=${call.params['id'] ?? ''}`);
    const given = writable(call.operation, 'person', wrapped(call, 'person'));
    if (typeof given['last_name'] !== 'string') {
      throw refused(400, 'param is missing or the value is empty: last_name');
    }
    return asRequest(() => {
      this.parts.people.edit(call.company, person, given);
      return ok(this.person(call, person));
    }, this.parts.duplicateOriginIdStatus);
  }

  private activate(call: Call, active: boolean): Reply {
    const ids = isObject(call.body) && Array.isArray(call.body['ids']) ? call.body['ids'].map(asInt) : [];
    const known = ids.flatMap((id) => call.company.time.people.get(id ?? -1) ?? []);
    for (const person of known) this.parts.people.edit(call.company, person, { active });
    return ok({ data: { ids: known.map(({ id }) => id) } });
  }

  private classifications(call: Call, projectId: number | null): Reply {
    refuseUnplayed(call, 'serializer_view');
    const { company } = call;
    const found = [...company.time.classifications.values()].filter(
      ({ fields }) =>
        projectId === null ||
        fields['company_visible'] === true ||
        (Array.isArray(fields['project_ids']) && fields['project_ids'].includes(projectId)),
    );
    return paginate(found, call, (row) => classification(company.id, row));
  }

  private crews(call: Call): Reply {
    const project = this.projectId(call);
    const updated = call.query.get('filters[updated_at]');
    const found = [...call.company.time.crews.values()].filter(
      ({ fields, updated_at: at }) =>
        fields['project_id'] === project && (updated === undefined || inRange(at, updated)),
    );
    return paginate(found, call, (row) => this.crew(call, row));
  }

  private findCrew(call: Call): TimeRow {
    const row = call.company.time.crews.get(pathId(call));
    if (row?.fields['project_id'] === this.projectId(call)) return row;
    throw notFound(`Couldn't find Crew with 'id'=${call.params['id'] ?? ''}`);
  }

  private crew({ company }: Call, row: TimeRow): JsonObject {
    const ids = Array.isArray(row.fields['party_ids']) ? row.fields['party_ids'] : [];
    const members = ids.flatMap((id) => member(company.time.people.get(asInt(id) ?? -1)) ?? []);
    return {
      id: row.id,
      name: row.fields['name'],
      project_id: row.fields['project_id'],
      company_id: company.id,
      employees: [],
      created_by: null,
      lead: null,
      lead_party: member(company.time.people.get(asInt(row.fields['lead_party_id']) ?? -1)),
      members,
      created_at: printed(row.created_at),
      updated_at: printed(row.updated_at),
    };
  }

  private person(call: Call, { id, fields }: TimeRow): unknown {
    const { active, email } = fields;
    const value = { ...fields, id, contact: { is_active: active, email }, user_uuid: null };
    const list = this.parts.catalogue.get('RestV10CompaniesCompanyIdPeopleGet') ?? call.operation;
    return likeResponse(list, value, (operationId) => this.parts.catalogue.get(operationId));
  }

  private projectId(call: Call): number {
    const id = asInt(call.params['project_id']) ?? call.query.int('project_id');
    if (id === undefined)
      throw new ApiError(400, { errors: 'param is missing or the value is empty: project_id' });
    return this.parts.records.get(call.company, 'project', id).id;
  }
}

const classification = (companyId: number, { id, fields, created_at, updated_at }: TimeRow): JsonObject => ({
  id,
  ...fields,
  company_id: companyId,
  created_at: printed(created_at),
  updated_at: printed(updated_at),
});

function member(person: TimeRow | undefined): JsonObject | null {
  if (!person) return null;
  const { first_name, last_name, is_employee, employee_id, user_id, active } = person.fields;
  return { id: person.id, first_name, last_name, is_employee, employee_id, user_id, is_active: active };
}
