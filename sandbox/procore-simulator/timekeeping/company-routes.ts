import type { Catalogue } from '../catalogue';
import { invalid, notFound, refused } from '../errors';
import { created, NO_CONTENT, ok, pathId, wrapped, type Call, type Handler, type Reply } from '../http-kit';
import { asInt, isObject, type JsonObject } from '../json';
import { paginate } from '../pagination';
import { likeResponse } from '../records/documented-shape';
import { writable } from '../records/writable';
import type { Company, State } from '../state';
import { ItemError } from '../sync-action';
import type { SimulatorOptions } from '../types';
import { personName, printed, type TimeEntry } from './books';
import type { EntryViews } from './entry-views';
import { asRequest, changed, datesOf, refuseUnplayed, today, within, type Dates } from './lists';
import type { TimeAuthor, Timecards } from './timecards';

export interface TimeRouteParts {
  state: State;
  catalogue: Catalogue;
  timecards: Timecards;
  views: EntryViews;
  /** What the company's list shows to a call without dates: of the project's, the guide says today. */
  timecardsWithoutDates: NonNullable<SimulatorOptions['timecardsWithoutDates']>;
  /** What becomes of a bulk update of entries, some of which cannot be changed: not documented. */
  lockedTimecards: NonNullable<SimulatorOptions['lockedTimecards']>;
  /** Whether the company's list shows pieces by themselves too: not documented. */
  timecardPieces: NonNullable<SimulatorOptions['timecardPieces']>;
}

/** Timecard entries and the grid of the company's Timesheets (Procore OpenAPI, "timecard-entries" and "timesheets"). */
export class CompanyTimeRoutes {
  constructor(private readonly parts: TimeRouteParts) {}

  handlers(): Record<string, Handler> {
    const { timecards } = this.parts;
    return {
      RestV10CompaniesCompanyIdTimecardEntriesGet: (call) => this.list(call),
      RestV10CompaniesCompanyIdTimecardEntriesPost: (call) =>
        asRequest(() => {
          const entry = timecards.create(call.company, attributes(call), authorOf(call));
          return created(this.shown(call, entry));
        }),
      RestV10CompaniesCompanyIdTimecardEntriesIdGet: (call) =>
        ok(this.shown(call, timecards.get(call.company, pathId(call)))),
      RestV10CompaniesCompanyIdTimecardEntriesIdPatch: (call) =>
        asRequest(() => {
          const entry = timecards.get(call.company, pathId(call));
          return ok(
            this.shown(call, timecards.update(call.company, entry, attributes(call), authorOf(call))),
          );
        }),
      RestV10CompaniesCompanyIdTimecardEntriesIdDelete: (call) => {
        timecards.remove(call.company, timecards.get(call.company, pathId(call)), authorOf(call));
        return NO_CONTENT;
      },
      RestV10CompaniesCompanyIdTimecardEntriesIdChangeHistoryGet: (call) => this.history(call),
      RestV10CompaniesCompanyIdTimesheetsGet: (call) => this.grid(call),
      RestV10CompaniesCompanyIdTimesheetsPost: (call) => this.bulkCreate(call),
      RestV10CompaniesCompanyIdTimesheetsPatch: (call) => this.bulkUpdate(call),
    };
  }

  private list(call: Call): Reply {
    const { query, company } = call;
    refuseUnplayed(call, 'serializer_view', 'use_filter_tz', 'start_time_in', 'end_time_in');
    const now = this.parts.state.now();
    const all: Dates = { from: null, to: null };
    const day: Dates = { from: today(now), to: today(now) };
    const dates = datesOf(call, this.parts.timecardsWithoutDates === 'today' ? day : all);
    const ids = query.list('filters[id]');
    const people = query.list('filters[party_id]');
    const onlyRunning = query.get('filters[in_progress_only]') === 'true';
    const alsoRunning = query.get('filters[include_in_progress]') === 'true';
    const found = [...company.time.entries.values()].filter((entry) => {
      const { date, party_id: party, in_progress: running, split_parent_id: whole } = entry.fields;
      if (whole !== null && this.parts.timecardPieces === 'within') return false;
      if (ids && !ids.includes(String(entry.id))) return false;
      if (people && !people.includes(String(asInt(party)))) return false;
      if (onlyRunning ? running !== true : !alsoRunning && running === true) return false;
      return within(date, dates) && changed(call, entry);
    });
    return paginate(found, call, (entry) => this.shown(call, entry));
  }

  private history(call: Call): Reply {
    const entry = call.company.time.entries.get(pathId(call));
    if (!entry) throw notFound(`Couldn't find TimecardEntry with 'id'=${call.params['id'] ?? ''}`);
    return ok(
      entry.history.map(({ userId, created_at: at, ...change }) => ({
        ...change,
        created_at: printed(at),
        created_by: userId === null ? null : `User ${userId}`,
      })),
    );
  }

  /** One row a worker. Inferred: the current work week begins on Monday, and `other_hours` is empty. */
  private grid(call: Call): Reply {
    const { company } = call;
    const dates = datesOf(call, workWeek(this.parts.state.now()));
    const found = [...company.time.entries.values()].filter(
      (entry) => within(entry.fields['date'], dates) && changed(call, entry),
    );
    const parties = [...company.time.people.values()].filter(({ id }) =>
      found.some(({ fields }) => fields['party_id'] === id),
    );
    return paginate(parties, call, (person) => ({
      party: { id: person.id, name: personName(person) },
      other_hours: [],
      timecard_entries: found
        .filter(({ fields }) => fields['party_id'] === person.id)
        .map((entry) => this.parts.views.inGrid(company, entry)),
    }));
  }

  private bulkCreate(call: Call): Reply {
    const { company } = call;
    const given = isObject(call.body) ? call.body['timecard_entries'] : undefined;
    if (!Array.isArray(given)) throw missing('timecard_entries');
    return asRequest(() => {
      const entries = given
        .filter(isObject)
        .map((one) => this.parts.timecards.create(company, one, authorOf(call)));
      return ok(entries.map((entry) => this.parts.views.inGrid(company, entry)));
    });
  }

  /** One set of values for many entries. */
  private bulkUpdate(call: Call): Reply {
    const { company, body } = call;
    const updates = isObject(body) ? body['updates'] : undefined;
    if (!isObject(body) || !Array.isArray(updates)) throw missing('updates');
    const given = sharedValues(call, body);
    const ids = updates.filter(isObject).map(({ id }) => asInt(id) ?? -1);
    const locked = this.lockedIn(company, ids, given);
    if (locked.length > 0 && this.parts.lockedTimecards === 'refuse_all') {
      throw invalid({ base: [`Timecard entries ${locked.join(', ')} cannot be updated`] });
    }
    const updated = ids
      .filter((id) => !locked.includes(id))
      .map((id) => this.parts.timecards.get(company, id))
      .map((entry) => this.parts.timecards.update(company, entry, given, authorOf(call)));
    return ok({ updated_timecard_entries: updated.map((entry) => this.parts.views.inGrid(company, entry)) });
  }

  /** Ids that are gone, and entries that payroll completed where more than their status is to change. */
  private lockedIn(company: Company, ids: readonly number[], given: JsonObject): number[] {
    const isWork = Object.keys(given).some((name) => name !== 'approval_status');
    return ids.filter((id) => {
      const entry = company.time.entries.get(id);
      if (entry?.deleted_at !== null) return true;
      return isWork && entry.fields['approval_status'] === 'completed';
    });
  }

  private shown(call: Call, entry: TimeEntry): unknown {
    const view = this.parts.views.ofCompany(call.company, entry);
    return likeResponse(call.operation, view, (id) => this.parts.catalogue.get(id));
  }
}

const missing = (name: string): Error => refused(400, `param is missing or the value is empty: ${name}`);

/** The service account and everybody else who calls the company door has the company's Timesheets. */
const authorOf = ({ token }: Call): TimeAuthor => ({ side: 'company', userId: token.userId });

function attributes(call: Call): JsonObject {
  const given = writable(call.operation, 'timecard_entry', wrapped(call, 'timecard_entry'));
  const projectId = isObject(call.body) ? asInt(call.body['project_id']) : undefined;
  if (projectId === undefined) throw missing('project_id');
  return { ...given, ...numericOrigin(given), project_id: projectId };
}

/** What a bulk update sets: the documented attributes beside `updates`. */
function sharedValues({ operation: { bodySchema } }: Call, body: JsonObject): JsonObject {
  const known = isObject(bodySchema) ? Object.keys(bodySchema) : [];
  return Object.fromEntries(Object.entries(body).filter(([name]) => known.includes(name)));
}

/** v1.0 knows an origin_id as a number only. Throws `ItemError` for any other. */
export function numericOrigin({ origin_id: originId }: JsonObject): JsonObject {
  if (originId === undefined) return {};
  if (originId !== null && typeof originId !== 'number')
    throw new ItemError({ origin_id: ['is not a number'] });
  return { origin_id: originId };
}

/** Monday to Sunday. */
function workWeek(now: number): Dates {
  const sinceMonday = (new Date(now).getUTCDay() + 6) % 7;
  const day = 24 * 60 * 60 * 1000;
  return { from: today(now - sinceMonday * day), to: today(now + (6 - sinceMonday) * day) };
}
