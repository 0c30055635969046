import { asInt, isObject, type JsonObject } from '../json';
import type { Records } from '../records/store';
import type { Views } from '../records/views';
import type { Company } from '../state';
import { personName, printed, type TimeEntry, type TimeRow } from './books';
import type { Timecards } from './timecards';

/** Somebody who logs in. */
const user = (id: unknown): JsonObject | null => {
  const number = asInt(id);
  if (number === undefined) return null;
  return { id: number, login: `user${number}@example.com`, name: `User ${number}` };
};

/** v1.0 types an origin_id as int, v1.1 as text. What is no number cannot be shown in v1.0 (inferred). */
const originNumber = (originId: unknown): number | null => asInt(originId) ?? null;

/**
 * Timecard entries as each list shows them (OpenAPI). The company door shows neither work classification nor WBS code; the project door shows minutes
 * of lunch as a number; the grid calls a cost code by its text.
 */
export class EntryViews {
  constructor(
    private readonly records: Records,
    private readonly shown: Views,
    private readonly timecards: Timecards,
  ) {}

  /** Company door, "MyTime field set". */
  ofCompany(company: Company, entry: TimeEntry): JsonObject {
    return {
      ...this.companyFields(company, entry),
      automatically_split_timecard_entries: this.pieces(company, entry, (piece) =>
        this.companyFields(company, piece),
      ),
    };
  }

  /** Project door, "Timesheet field set". */
  ofProject(company: Company, entry: TimeEntry): JsonObject {
    return {
      ...this.projectFields(company, entry),
      automatically_split_timecard_entries: this.pieces(company, entry, (piece) =>
        this.projectFields(company, piece),
      ),
    };
  }

  /** `GET /rest/v1.0/timecard_entries`. */
  brief(company: Company, entry: TimeEntry): JsonObject {
    const fields = (one: TimeEntry): JsonObject => ({
      ...moments(one),
      date: one.fields['date'],
      description: one.fields['description'],
      hours: one.fields['hours'],
      login_information: user(one.fields['login_information_id']),
      origin_id: originNumber(one.fields['origin_id']),
      origin_data: one.fields['origin_data'],
    });
    return {
      ...fields(entry),
      automatically_split_timecard_entries: this.pieces(company, entry, fields),
    };
  }

  /** In the grid of the company's Timesheets. */
  inGrid(company: Company, entry: TimeEntry): JsonObject {
    const { fields } = entry;
    const code = this.costCode(company, entry);
    const timesheet = company.time.timesheets.get(asInt(fields['timesheet_id']) ?? -1);
    return {
      ...moments(entry),
      date: fields['date'],
      description: fields['description'],
      billable: fields['billable'],
      hours: fields['hours'],
      timecard_type: this.timeType(company, entry)?.['time_type'] ?? null,
      cost_code: code?.['name'] ?? null,
      origin_id: originNumber(fields['origin_id']),
      origin_data: fields['origin_data'],
      timesheet_status: timesheet ? { ...sheetFields(timesheet), timecard_entries: [] } : null,
      full_cost_code: code,
      created_by: user(entry.createdBy),
      login_information: user(fields['login_information_id']),
      party: this.party(company, entry),
      timecard_time_type: this.timeType(company, entry),
      line_item_type_id: fields['line_item_type_id'],
    };
  }

  /** A timesheet of a project with its entries. */
  timesheet(company: Company, sheet: TimeRow): JsonObject {
    const entries = this.timecards
      .present(company)
      .filter(({ fields }) => fields['timesheet_id'] === sheet.id);
    return {
      ...sheetFields(sheet),
      timecard_entries: entries.map((entry) => this.inTimesheet(company, entry)),
    };
  }

  /** What v1.1 takes is what it shows: ids instead of records, text where v1.0 has numbers. */
  v11(company: Company, entry: TimeEntry): JsonObject {
    const {
      origin_id: originId,
      procore_signature_id: signature,
      custom_fields: custom,
      ...fields
    } = entry.fields;
    return {
      ...fields,
      ...moments(entry),
      company_id: company.id,
      origin_id: typeof originId === 'number' ? String(originId) : originId,
      signed: signature !== null,
      ...(isObject(custom) ? custom : {}),
    };
  }

  private companyFields(company: Company, entry: TimeEntry): JsonObject {
    const { fields } = entry;
    return {
      ...this.common(company, entry),
      in_progress: fields['in_progress'],
      lunch_time: fields['lunch_time'],
      timecard_type: this.timeType(company, entry)?.['time_type'] ?? null,
      crew: this.crew(company, entry),
      project: this.named(company, 'project', fields['project_id']),
      clock_in: idOnly(fields['clock_in_id']),
      clock_out: idOnly(fields['clock_out_id']),
    };
  }

  private projectFields(company: Company, entry: TimeEntry): JsonObject {
    const { fields } = entry;
    return {
      ...this.common(company, entry),
      datetime: null,
      timesheet_status:
        company.time.timesheets.get(asInt(fields['timesheet_id']) ?? -1)?.fields['status'] ?? null,
      lunch_time: fields['lunch_time'] === null ? null : Number(fields['lunch_time']),
      injured: false,
      signed: fields['procore_signature_id'] !== null,
      crew: this.crew(company, entry),
      location: null,
    };
  }

  private inTimesheet(company: Company, entry: TimeEntry): JsonObject {
    const { fields } = entry;
    const common = this.common(company, entry);
    return {
      ...moments(entry),
      date: fields['date'],
      description: fields['description'],
      hours: fields['hours'],
      time_in: fields['time_in'],
      time_out: fields['time_out'],
      injured: false,
      lunch_time: fields['lunch_time'] === null ? null : Number(fields['lunch_time']),
      billable: fields['billable'],
      origin_id: common['origin_id'],
      origin_data: fields['origin_data'],
      crew: this.crew(company, entry),
      cost_code: common['cost_code'],
      created_by: common['created_by'],
      login_information: common['login_information'],
      location: null,
      timecard_time_type: common['timecard_time_type'],
      wbs_code_id: fields['wbs_code_id'],
      custom_fields: fields['custom_fields'],
    };
  }

  private common(company: Company, entry: TimeEntry): JsonObject {
    const { fields } = entry;
    const sheet = company.time.timesheets.get(asInt(fields['timesheet_id']) ?? -1);
    const signature = asInt(fields['procore_signature_id']);
    return {
      ...moments(entry),
      date: fields['date'],
      description: fields['description'],
      billable: fields['billable'],
      hours: fields['hours'],
      time_in: fields['time_in'],
      time_out: fields['time_out'],
      approval_status: fields['approval_status'],
      origin_id: originNumber(fields['origin_id']),
      origin_data: fields['origin_data'],
      timesheet: sheet ? sheetFields(sheet) : null,
      cost_code: this.costCode(company, entry),
      sub_job: this.subJob(company, entry),
      created_by: user(entry.createdBy),
      login_information: user(fields['login_information_id']),
      timecard_time_type: this.timeType(company, entry),
      party: this.party(company, entry),
      procore_signature: signature === undefined ? null : { id: signature, signature_text: null },
      line_item_type_id: fields['line_item_type_id'],
      custom_fields: fields['custom_fields'],
    };
  }

  private pieces(company: Company, entry: TimeEntry, view: (piece: TimeEntry) => JsonObject): JsonObject[] {
    return this.timecards.pieces(company, entry).map(view);
  }

  private party(company: Company, { fields }: TimeEntry): JsonObject | null {
    const person = company.time.people.get(asInt(fields['party_id']) ?? -1);
    return person ? { id: person.id, name: personName(person) } : null;
  }

  private timeType(company: Company, { fields }: TimeEntry): JsonObject | null {
    const type = company.time.timeTypes.get(asInt(fields['timecard_time_type_id']) ?? -1);
    return type ? { ...type, company_id: type.global ? null : company.id } : null;
  }

  private crew(company: Company, { fields }: TimeEntry): JsonObject | null {
    const crew = company.time.crews.get(asInt(fields['crew_id']) ?? -1);
    return crew ? { id: crew.id, name: crew.fields['name'] } : null;
  }

  private subJob(company: Company, { fields }: TimeEntry): JsonObject | null {
    const named = this.named(company, 'sub_job', fields['sub_job_id']);
    const job = this.records.find(company, 'sub_job', fields['sub_job_id']);
    return named && { ...named, code: job?.fields['code'] ?? null };
  }

  /** By its whole code, as lists of Procore call one. */
  private costCode(company: Company, { fields }: TimeEntry): JsonObject | null {
    const code = this.records.find(company, 'cost_code', fields['cost_code_id']);
    if (!code) return null;
    return { id: code.id, name: `${this.shown.fullCode(company, code)} ${String(code.fields['name'])}` };
  }

  private named(company: Company, kind: 'project' | 'sub_job', id: unknown): JsonObject | null {
    const record = this.records.find(company, kind, id);
    return record ? { id: record.id, name: record.fields['name'] } : null;
  }
}

const idOnly = (id: unknown): JsonObject | null => (asInt(id) === undefined ? null : { id });

const moments = ({ id, created_at, updated_at, deleted_at }: TimeEntry): JsonObject => ({
  id,
  created_at: printed(created_at),
  updated_at: printed(updated_at),
  deleted_at: printed(deleted_at),
});

const sheetFields = ({ id, fields, created_at, updated_at }: TimeRow): JsonObject => ({
  id,
  created_at: printed(created_at),
  updated_at: printed(updated_at),
  date: fields['date'],
  number: fields['number'],
  created_by: user(fields['created_by']),
  name: fields['name'],
  status: fields['status'],
});
