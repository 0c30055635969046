import Big from 'big.js';
import { ApiError, notFound } from '../errors';
import { asInt, asString, type JsonObject } from '../json';
import { decimal, sum } from '../records/money';
import type { Records } from '../records/store';
import type { Company, State } from '../state';
import { ItemError } from '../sync-action';
import { APPROVAL_STATUSES, type TimeEntry, type TimeRow } from './books';

/** Which of the two tools somebody works in: the company's Timesheets may what the project's may not. */
export type Side = 'company' | 'project';

/** Who writes, and where. */
export interface TimeAuthor {
  side: Side;
  userId: number | null;
}

export interface EntryEvent {
  company: Company;
  entry: TimeEntry;
  event: 'create' | 'update' | 'delete';
  userId: number | null;
}

export interface TimecardParts {
  state: State;
  records: Records;
  onChange(event: EntryEvent): void;
}

const NEW_ENTRY: JsonObject = {
  project_id: null,
  party_id: null,
  login_information_id: null,
  hours: null,
  lunch_time: null,
  time_in: null,
  time_out: null,
  clock_in_id: null,
  clock_out_id: null,
  billable: false,
  description: null,
  timecard_time_type_id: null,
  cost_code_id: null,
  sub_job_id: null,
  line_item_type_id: null,
  wbs_code_id: null,
  work_classification_id: null,
  location_id: null,
  crew_id: null,
  timesheet_id: null,
  procore_signature_id: null,
  origin_id: null,
  origin_data: null,
  approval_status: 'pending',
  in_progress: false,
  split_parent_id: null,
  custom_fields: {},
};

/** Say how to write, and are no field of the entry. */
const INSTRUCTIONS: readonly string[] = [
  'id',
  'company_id',
  'created_at',
  'updated_at',
  'deleted_at',
  'signed',
  'set_timecard_time_type_automatically',
];

const DECIMAL = /^\d+(\.\d+)?$/;

/**
 * Timecard entries and the rules that hold whoever writes: statuses and who may edit (support pages "Review a Timesheet", "Approve a Timesheet",
 * "Create a Timesheet"), soft deletes, and the pieces that overtime management makes.
 */
export class Timecards {
  constructor(private readonly parts: TimecardParts) {}

  /** Entries that are there, in the order of their ids. */
  present(company: Company): TimeEntry[] {
    return [...company.time.entries.values()].filter((entry) => entry.deleted_at === null);
  }

  get(company: Company, id: unknown): TimeEntry {
    const entry = company.time.entries.get(asInt(id) ?? -1);
    if (entry?.deleted_at !== null) throw notFound(`Couldn't find TimecardEntry with 'id'=${String(id)}`);
    return entry;
  }

  /** The pieces that overtime management made of an entry. */
  pieces(company: Company, { pieceIds }: TimeEntry): TimeEntry[] {
    return pieceIds
      .flatMap((id) => company.time.entries.get(id) ?? [])
      .filter((piece) => piece.deleted_at === null);
  }

  /** Throws `ItemError`. */
  create(company: Company, given: JsonObject, author: TimeAuthor): TimeEntry {
    const fields = { ...NEW_ENTRY, ...storable(given) };
    this.check(company, fields);
    const entry = this.insert(company, fields, author.userId);
    if (given['set_timecard_time_type_automatically'] === true) this.split(company, entry, author);
    return entry;
  }

  /** Throws `ItemError` for what cannot be, `ApiError` 403 for what this side may not. */
  update(company: Company, entry: TimeEntry, given: JsonObject, author: TimeAuthor): TimeEntry {
    const changes = changesOf(entry, storable(given));
    const again = given['set_timecard_time_type_automatically'] === true;
    if (Object.keys(changes).length === 0 && !again) return entry;
    this.refuseEdit(entry, changes, author.side);
    this.check(company, { ...entry.fields, ...changes });
    const pieces = this.pieces(company, entry);
    const isWork = Object.keys(changes).some((field) => field !== 'approval_status');
    // Tutorial "Timecard Entries": an edit removes the signature.
    const signed = isWork && !('procore_signature_id' in changes) ? { procore_signature_id: null } : {};
    this.apply(company, entry, changesOf(entry, { ...changes, ...signed }), author.userId);
    if ('approval_status' in changes) {
      const status = { approval_status: changes['approval_status'] };
      for (const piece of pieces) this.apply(company, piece, changesOf(piece, status), author.userId);
    }
    if ((pieces.length > 0 && 'hours' in changes) || again) {
      const entered = 'hours' in changes ? [entry] : [entry, ...pieces];
      const hours = sum(entered.map(({ fields }) => fields['hours']));
      for (const piece of pieces) this.markDeleted(company, piece, author.userId);
      this.apply(company, entry, changesOf(entry, { hours }), author.userId);
      this.split(company, entry, author);
    }
    return entry;
  }

  /** Support page "Create a Timesheet": approved entries cannot be deleted. The status of the answer is inferred. */
  remove(company: Company, entry: TimeEntry, { userId }: TimeAuthor): void {
    const { approval_status: status } = entry.fields;
    if (status === 'approved' || status === 'completed') {
      throw new ApiError(400, { errors: { base: [`${String(status)} timecard entries cannot be deleted`] } });
    }
    for (const one of [entry, ...this.pieces(company, entry)]) this.markDeleted(company, one, userId);
  }

  /** The timesheet of a project and day; where there is none, somebody begins it. */
  timesheetOf(company: Company, projectId: number, date: string, userId: number | null): TimeRow {
    const known = [...company.time.timesheets.values()].find(
      ({ fields }) => fields['project_id'] === projectId && fields['date'] === date,
    );
    if (known) return known;
    const { state } = this.parts;
    const of = [...company.time.timesheets.values()].filter(
      ({ fields }) => fields['project_id'] === projectId,
    );
    const number = of.length + 1;
    const fields = { project_id: projectId, date, number, name: `Timesheet #${number}`, created_by: userId };
    const now = state.now();
    const sheet: TimeRow = {
      id: state.nextId('timesheet'),
      fields: { ...fields, status: 'pending' },
      created_at: now,
      updated_at: now,
    };
    company.time.timesheets.set(sheet.id, sheet);
    return sheet;
  }

  /**
   * The status of a timesheet goes to its entries (`update_approval`). Inferred: those that payroll has completed stay as they are.
   */
  approve(company: Company, sheet: TimeRow, status: 'pending' | 'approved', userId: number | null): void {
    sheet.fields['status'] = status;
    sheet.updated_at = this.parts.state.now();
    for (const entry of this.present(company)) {
      const { timesheet_id: id, approval_status: before } = entry.fields;
      if (id !== sheet.id || before === 'completed') continue;
      this.apply(company, entry, changesOf(entry, { approval_status: status }), userId);
    }
  }

  /** Approved: only the company's Timesheets may edit. Completed: even they set it back first, and only then edit. */
  private refuseEdit(entry: TimeEntry, changes: JsonObject, side: Side): void {
    const { approval_status: before } = entry.fields;
    const after = changes['approval_status'];
    if (side === 'project' && (before === 'approved' || before === 'completed')) {
      throw new ApiError(403, {
        errors: `${before} timecard entries are edited in the company's Timesheets`,
      });
    }
    if (side === 'project' && after === 'completed') {
      throw new ApiError(403, { errors: "timecard entries are completed in the company's Timesheets" });
    }
    const isWork = Object.keys(changes).some((field) => field !== 'approval_status');
    if (before === 'completed' && isWork) {
      throw new ItemError({ base: ['is completed and cannot be changed'] });
    }
  }

  private check(company: Company, fields: JsonObject): void {
    const errors: Record<string, string[]> = {};
    const { time } = company;
    const date = asString(fields['date']);
    if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) errors['date'] = ['is invalid'];
    for (const field of ['hours', 'lunch_time']) {
      const value = fields[field];
      if (value !== null && !(typeof value === 'string' && DECIMAL.test(value)))
        errors[field] = ['is not a number'];
    }
    if (!APPROVAL_STATUSES.some((status) => status === fields['approval_status'])) {
      errors['approval_status'] = ['is not included in the list'];
    }
    const known: Record<string, boolean> = {
      party_id: time.people.has(asInt(fields['party_id']) ?? -1),
      timecard_time_type_id: time.timeTypes.has(asInt(fields['timecard_time_type_id']) ?? -1),
      work_classification_id: time.classifications.has(asInt(fields['work_classification_id']) ?? -1),
      crew_id: time.crews.has(asInt(fields['crew_id']) ?? -1),
      timesheet_id: time.timesheets.has(asInt(fields['timesheet_id']) ?? -1),
      cost_code_id: this.parts.records.find(company, 'cost_code', fields['cost_code_id']) !== undefined,
      sub_job_id: this.parts.records.find(company, 'sub_job', fields['sub_job_id']) !== undefined,
      line_item_type_id:
        this.parts.records.find(company, 'line_item_type', fields['line_item_type_id']) !== undefined,
      project_id: this.parts.records.find(company, 'project', fields['project_id']) !== undefined,
    };
    for (const [field, exists] of Object.entries(known)) {
      if (fields[field] !== null && !exists) errors[field] = ['must exist'];
    }
    if (Object.keys(errors).length > 0) throw new ItemError(errors);
  }

  private insert(company: Company, fields: JsonObject, userId: number | null): TimeEntry {
    const { state } = this.parts;
    const now = state.now();
    const entry: TimeEntry = {
      id: state.nextId('entry'),
      fields,
      created_at: now,
      updated_at: now,
      deleted_at: null,
      history: [],
      createdBy: userId,
      pieceIds: [],
    };
    company.time.entries.set(entry.id, entry);
    company.time.entries.get(asInt(fields['split_parent_id']) ?? -1)?.pieceIds.push(entry.id);
    this.parts.onChange({ company, entry, event: 'create', userId });
    return entry;
  }

  private apply(company: Company, entry: TimeEntry, changes: JsonObject, userId: number | null): void {
    if (Object.keys(changes).length === 0) return;
    const now = this.parts.state.now();
    for (const [column, value] of Object.entries(changes)) {
      const [old_value, new_value] = [entry.fields[column], value].map(written) as [
        string | null,
        string | null,
      ];
      entry.history.push({ column, old_value, new_value, created_at: now, userId });
    }
    Object.assign(entry.fields, changes);
    entry.updated_at = now;
    this.parts.onChange({ company, entry, event: 'update', userId });
  }

  private markDeleted(company: Company, entry: TimeEntry, userId: number | null): void {
    entry.deleted_at = this.parts.state.now();
    this.parts.onChange({ company, entry, event: 'delete', userId });
  }

  /**
   * Overtime management by hours a day. Inferred from "Reallocate Timecard Entry Hours": the entry keeps its first hours, what is beyond them
   * becomes entries of their own, and together they are the hours that were entered.
   */
  private split(company: Company, entry: TimeEntry, { userId }: TimeAuthor): void {
    const rules = company.time.overtime;
    if (rules === null || entry.fields['hours'] === null) return;
    const { date, party_id: party } = entry.fields;
    let worked = this.present(company)
      .filter(({ id, fields }) => id < entry.id && fields['date'] === date && fields['party_id'] === party)
      .reduce((total, { fields }) => total.plus(decimal(fields['hours'])), new Big(0));
    let left = new Big(decimal(entry.fields['hours']));
    const steps: [type: number, until: Big | null][] = [[rules.regularTypeId, new Big(rules.dailyHours)]];
    if (rules.doubleTypeId === undefined || rules.doubleHours === undefined) {
      steps.push([rules.overtimeTypeId, null]);
    } else {
      steps.push([rules.overtimeTypeId, new Big(rules.doubleHours)], [rules.doubleTypeId, null]);
    }
    const parts: { timecard_time_type_id: number; hours: string }[] = [];
    for (const [timecard_time_type_id, until] of steps) {
      const room = until === null ? left : until.minus(worked);
      const part = room.lt(left) ? room : left;
      if (part.lte(0)) continue;
      parts.push({ timecard_time_type_id, hours: decimal(part.toFixed()) });
      worked = worked.plus(part);
      left = left.minus(part);
    }
    const [first, ...others] = parts;
    if (first) this.apply(company, entry, changesOf(entry, first), userId);
    for (const part of others) {
      const copy = {
        ...entry.fields,
        ...part,
        split_parent_id: entry.id,
        origin_id: null,
        origin_data: null,
      };
      this.insert(company, copy, userId);
    }
  }
}

/** The fields of an entry that a write names; bulk calls take hours as a number and call the login `user_id`. */
function storable(given: JsonObject): JsonObject {
  const kept = Object.entries(given).filter(([field]) => !INSTRUCTIONS.includes(field));
  return Object.fromEntries(
    kept.map(([field, value]) => {
      if (field === 'user_id') return ['login_information_id', value];
      const isAmount = field === 'hours' || field === 'lunch_time';
      return [field, isAmount && typeof value === 'number' ? String(value) : value];
    }),
  );
}

const changesOf = ({ fields }: TimeEntry, wanted: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(wanted).filter(
      ([field, value]) => JSON.stringify(fields[field] ?? null) !== JSON.stringify(value ?? null),
    ),
  );

const written = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
};
