import { DEFAULT_USER } from '../erp-events';
import { ActionRefused, ApiError } from '../errors';
import type { JsonObject } from '../json';
import { actions, type Actor, type Place } from '../stage';
import { personName, printed, type OvertimeRules, type TimeEntry, type TimeRow } from '../timekeeping/books';
import type { Side, TimeAuthor } from '../timekeeping/timecards';
import { asPerson } from './entry';

/** A person as the directory keeps one, by the field names of the API; `id` may be given. */
export type PersonSeed = JsonObject & { id?: number; last_name: string };

/** An entry as somebody enters it, by the field names of the API. `automatic`: overtime rules choose the time type and may split it. */
export type TimeSeed = JsonObject & { party_id: number; date: string; hours?: string; automatic?: boolean };

/** Who acts, and in whose Timesheets: the project's, unless told otherwise. */
export interface TimeActor extends Actor {
  side?: Side;
}

/** An entry as people and tests look at it. */
export interface EntryState extends JsonObject {
  id: number;
  hours: string | null;
  approval_status: string;
  deleted_at: string | null;
  updated_at: string;
}

export interface PersonState extends JsonObject {
  id: number;
  name: string;
}

const authorOf = ({ side, userId }: TimeActor): TimeAuthor => ({
  side: side ?? 'project',
  userId: userId ?? DEFAULT_USER,
});

const entryState = ({ id, fields, created_at, updated_at, deleted_at }: TimeEntry): EntryState => ({
  ...fields,
  id,
  hours: fields['hours'] as string | null,
  approval_status: String(fields['approval_status']),
  created_at: printed(created_at),
  updated_at: printed(updated_at) ?? '',
  deleted_at: printed(deleted_at),
});

const personState = (person: TimeRow): PersonState => ({
  ...person.fields,
  id: person.id,
  name: personName(person),
});

/** What the API answers with a status, a person sees as a sentence. */
function refusing<T>(work: () => T): T {
  try {
    return asPerson(work);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ActionRefused(JSON.stringify(error.body), error.status);
  }
}

function entryOf({ company }: Place, id: number): TimeEntry {
  const entry = company.time.entries.get(id);
  if (!entry) throw new ActionRefused(`no timecard entry ${id}`, 404);
  return entry;
}

function enter(
  { company, records, timecards }: Place,
  projectId: number,
  { automatic, ...fields }: TimeSeed,
  author: TimeAuthor,
): EntryState {
  records.get(company, 'project', projectId);
  const sheet = timecards.timesheetOf(company, projectId, String(fields['date']), author.userId);
  const given = {
    timecard_time_type_id: [...company.time.timeTypes.keys()][0] ?? null,
    timesheet_id: sheet.id,
    ...fields,
    project_id: projectId,
    set_timecard_time_type_automatically: automatic === true,
  };
  return entryState(refusing(() => timecards.create(company, given, author)));
}

function edit(at: Place, id: number, patch: JsonObject, author: TimeAuthor): EntryState {
  const { timecards, company } = at;
  return entryState(refusing(() => timecards.update(company, timecards.get(company, id), patch, author)));
}

/** Foremen enter time, project managers approve it, the payroll office completes it. */
export const TIMEKEEPING = actions({
  // ---- the directory and what there is to choose from --------------------------------------------

  addPerson(seed: PersonSeed, companyId?: number): PersonState {
    const at = this.at(companyId);
    return personState(asPerson(() => at.people.add(at.company, { is_employee: true, ...seed })));
  },

  editPerson(id: number, patch: JsonObject, companyId?: number): PersonState {
    const at = this.at(companyId);
    const person = at.company.time.people.get(id);
    if (!person) throw new ActionRefused(`no person ${id}`, 404);
    asPerson(() => at.people.edit(at.company, person, patch));
    return personState(person);
  },

  people(companyId?: number): PersonState[] {
    return [...this.at(companyId).company.time.people.values()].map(personState);
  },

  /** A time type of the company's own, beside those that every company has. */
  addTimeType(name: string, abbreviation: string, companyId?: number): { id: number; time_type: string } {
    const { company, state } = this.at(companyId);
    const type = {
      id: state.nextId('record'),
      time_type: name,
      abbreviated_time_type: abbreviation,
      global: false,
    };
    company.time.timeTypes.set(type.id, type);
    return { ...type };
  },

  addClassification(seed: JsonObject & { name: string }, companyId?: number): { id: number } {
    const at = this.at(companyId);
    return { id: asPerson(() => at.people.classify(at.company, seed, DEFAULT_USER)).id };
  },

  addCrew(projectId: number, seed: JsonObject & { name: string }, companyId?: number): { id: number } {
    const at = this.at(companyId);
    at.records.get(at.company, 'project', projectId);
    return { id: asPerson(() => at.people.crew(at.company, projectId, seed, DEFAULT_USER)).id };
  },

  /** Overtime management; null switches it off. */
  setOvertimeRules(rules: OvertimeRules | null, companyId?: number): void {
    this.at(companyId).company.time.overtime = rules;
  },

  /** What `rounding_configuration` shows. */
  setRounding(rounding: { time_increment: number; rule: string }, companyId?: number): void {
    this.at(companyId).company.time.rounding = { ...rounding };
  },

  /** What `timesheet_to_budget_configuration` shows. */
  setTimeBudgetDefaults(defaults: JsonObject, companyId?: number): void {
    this.at(companyId).company.time.budgetDefaults = { ...defaults };
  },

  // ---- entries ------------------------------------------------------------------------------------

  /** In the timesheet of the project and day, with regular time unless told otherwise. */
  enterTime(projectId: number, seed: TimeSeed, actor: TimeActor = {}): EntryState {
    return enter(this.at(actor.companyId), projectId, seed, authorOf(actor));
  },

  /** Somebody is at work: there are no hours yet. */
  clockIn(projectId: number, seed: TimeSeed, actor: TimeActor = {}): EntryState {
    return enter(this.at(actor.companyId), projectId, { ...seed, in_progress: true }, authorOf(actor));
  },

  clockOut(id: number, patch: { hours: string; time_out?: string }, actor: TimeActor = {}): EntryState {
    return edit(this.at(actor.companyId), id, { ...patch, in_progress: false }, authorOf(actor));
  },

  editTime(id: number, patch: JsonObject, actor: TimeActor = {}): EntryState {
    return edit(this.at(actor.companyId), id, patch, authorOf(actor));
  },

  deleteTime(id: number, actor: TimeActor = {}): EntryState {
    const at = this.at(actor.companyId);
    refusing(() => at.timecards.remove(at.company, at.timecards.get(at.company, id), authorOf(actor)));
    return entryState(entryOf(at, id));
  },

  reviewEntries(ids: number[], actor: TimeActor = {}): EntryState[] {
    const at = this.at(actor.companyId);
    return ids.map((id) => edit(at, id, { approval_status: 'reviewed' }, authorOf(actor)));
  },

  /** The timesheet of a project and day with its entries; `pending` takes the approval back. */
  approveTimesheet(
    projectId: number,
    date: string,
    actor: TimeActor & { status?: 'pending' | 'approved' } = {},
  ): EntryState[] {
    const at = this.at(actor.companyId);
    const { userId } = authorOf(actor);
    const sheet = [...at.company.time.timesheets.values()].find(
      ({ fields }) => fields['project_id'] === projectId && fields['date'] === date,
    );
    if (!sheet) throw new ActionRefused(`no timesheet of ${date} in project ${projectId}`, 404);
    at.timecards.approve(at.company, sheet, actor.status ?? 'approved', userId);
    return at.timecards
      .present(at.company)
      .filter(({ fields }) => fields['timesheet_id'] === sheet.id)
      .map(entryState);
  },

  /** In the company's Timesheets, as the payroll office does. */
  completeEntries(ids: number[], actor: Actor = {}): EntryState[] {
    const at = this.at(actor.companyId);
    const author = authorOf({ ...actor, side: 'company' });
    return ids.map((id) => edit(at, id, { approval_status: 'completed' }, author));
  },

  /** Back from completed, so that somebody may edit. */
  reopenEntries(ids: number[], status: 'pending' | 'reviewed' | 'approved', actor: Actor = {}): EntryState[] {
    const at = this.at(actor.companyId);
    const author = authorOf({ ...actor, side: 'company' });
    return ids.map((id) => edit(at, id, { approval_status: status }, author));
  },

  /** Deleted ones too. */
  timecardEntry(id: number, companyId?: number): EntryState {
    return entryState(entryOf(this.at(companyId), id));
  },

  timecardEntries(companyId?: number): EntryState[] {
    return [...this.at(companyId).company.time.entries.values()].map(entryState);
  },
});
