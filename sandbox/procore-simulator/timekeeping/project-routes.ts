import { ApiError, notFound, refused } from '../errors';
import { created, ok, pathId, wrapped, type Call, type Handler, type Reply } from '../http-kit';
import { asInt, isObject, type JsonObject } from '../json';
import { paginate } from '../pagination';
import { likeResponse } from '../records/documented-shape';
import type { Records } from '../records/store';
import { writable } from '../records/writable';
import { ItemError } from '../sync-action';
import type { TimeEntry, TimeRow } from './books';
import { numericOrigin, type TimeRouteParts } from './company-routes';
import { asRequest, changed, datesOf, daysBefore, inRange, refuseUnplayed, today, within } from './lists';
import type { TimeAuthor } from './timecards';

/** OpenAPI, "Bulk Create" of v1.1. */
const MOST_AT_ONCE = 25;

/** Timecard entries and timesheets of one project (Procore OpenAPI, "timecard-entries" and "timesheets"). */
export class ProjectTimeRoutes {
  constructor(
    private readonly parts: TimeRouteParts,
    private readonly records: Records,
  ) {}

  handlers(): Record<string, Handler> {
    const { timecards } = this.parts;
    return {
      RestV10ProjectsProjectIdTimecardEntriesGet: (call) => this.list(call),
      RestV10ProjectsProjectIdTimecardEntriesPost: (call) =>
        asRequest(() =>
          created(this.shown(call, timecards.create(call.company, this.attributes(call), authorOf(call)))),
        ),
      RestV10ProjectsProjectIdTimecardEntriesIdGet: (call) => ok(this.shown(call, this.entry(call))),
      RestV10ProjectsProjectIdTimecardEntriesIdPatch: (call) =>
        asRequest(() =>
          ok(
            this.shown(
              call,
              timecards.update(call.company, this.entry(call), this.attributes(call), authorOf(call)),
            ),
          ),
        ),
      RestV11ProjectsProjectIdProjectTimecardEntriesBulkCreatePost: (call) => this.bulkCreate(call),
      RestV10TimecardEntriesGet: (call) => this.recent(call),
      RestV10ProjectsProjectIdTimesheetsGet: (call) => this.timesheets(call),
      RestV10ProjectsProjectIdTimesheetsIdGet: (call) =>
        ok(this.parts.views.timesheet(call.company, this.timesheet(call, pathId(call)))),
      RestV10ProjectsProjectIdTimesheetsPost: (call) => this.begin(call),
      RestV10ProjectsProjectIdTimesheetsUpdateApprovalPatch: (call) => this.approve(call),
    };
  }

  /** Guide "Timecard Entries": without dates it shows today. */
  private list(call: Call): Reply {
    refuseUnplayed(call, 'filters[daily_log_segment_id]');
    const { query, company } = call;
    const now = today(this.parts.state.now());
    const day = query.get('log_date') ?? now;
    const dates = datesOf(call, { from: day, to: day });
    const authors = query.list('filters[created_by_id]');
    const found = this.of(call).filter(
      (entry) =>
        within(entry.fields['date'], dates) && (!authors || authors.includes(String(entry.createdBy))),
    );
    return paginate(found, call, (entry) =>
      likeResponse(call.operation, this.parts.views.ofProject(company, entry), (id) =>
        this.parts.catalogue.get(id),
      ),
    );
  }

  /** The older list: seven days where nothing is asked for. */
  private recent(call: Call): Reply {
    const now = this.parts.state.now();
    const dates = datesOf(call, { from: daysBefore(now, 7), to: today(now) });
    const found = this.of(call).filter((entry) => within(entry.fields['date'], dates));
    return paginate(found, call, (entry) => this.parts.views.brief(call.company, entry));
  }

  /** All or nothing: entries are checked by making them, and taken back where one cannot be. */
  private bulkCreate(call: Call): Reply {
    const { company } = call;
    const given = isObject(call.body) ? call.body['timecard_entries'] : undefined;
    if (!Array.isArray(given) || given.length === 0) {
      throw refused(400, 'param is missing or the value is empty: timecard_entries');
    }
    if (given.length > MOST_AT_ONCE) throw refused(422, `at most ${MOST_AT_ONCE} timecard entries`);
    const project = { project_id: this.projectId(call) };
    const before = new Map(company.time.entries);
    return asRequest(() => {
      try {
        const entries = given
          .filter(isObject)
          .map((one) =>
            this.parts.timecards.create(company, { ...withCustomFields(one), ...project }, authorOf(call)),
          );
        return created({ timecard_entries: entries.map((one) => this.parts.views.v11(company, one)) });
      } catch (error) {
        company.time.entries.clear();
        before.forEach((entry, id) => company.time.entries.set(id, entry));
        throw error;
      }
    });
  }

  private timesheets(call: Call): Reply {
    const { query, company } = call;
    const updated = query.get('filters[updated_at]');
    const [from, to] = (query.get('filters[date]') ?? '...').replaceAll('"', '').split('...');
    const dates = { from: from?.slice(0, 10) || null, to: to?.slice(0, 10) || null };
    const project = this.projectId(call);
    // Nothing documented deletes a timesheet.
    const found = query.has('filters[deleted_at]') ? [] : [...company.time.timesheets.values()];
    return paginate(
      found.filter(
        ({ fields, updated_at: at }) =>
          fields['project_id'] === project &&
          within(fields['date'], dates) &&
          (updated === undefined || inRange(at, updated)),
      ),
      call,
      (sheet) => this.parts.views.timesheet(company, sheet),
    );
  }

  private begin(call: Call): Reply {
    const { date } = wrapped(call, 'timesheet');
    if (typeof date !== 'string') throw refused(400, 'param is missing or the value is empty: date');
    const { userId } = authorOf(call);
    const sheet = this.parts.timecards.timesheetOf(call.company, this.projectId(call), date, userId);
    return created(this.parts.views.timesheet(call.company, sheet));
  }

  /** OpenAPI: `pending` or `approved` only. The answer is documented as one timesheet; it shows the last one. */
  private approve(call: Call): Reply {
    const { company } = call;
    const given = isObject(call.body) ? call.body['timesheets'] : undefined;
    if (!Array.isArray(given)) throw refused(400, 'param is missing or the value is empty: timesheets');
    const wanted = given.filter(isObject).map(({ id, status }) => {
      if (status !== 'pending' && status !== 'approved') {
        throw new ApiError(400, { errors: { status: ['is not included in the list'] } });
      }
      return { sheet: this.timesheet(call, asInt(id) ?? -1), status } as const;
    });
    const { userId } = authorOf(call);
    for (const { sheet, status } of wanted) this.parts.timecards.approve(company, sheet, status, userId);
    const last = wanted.at(-1);
    return ok(last ? this.parts.views.timesheet(company, last.sheet) : null);
  }

  private attributes(call: Call): JsonObject {
    const given = writable(call.operation, 'timecard_entry', wrapped(call, 'timecard_entry'));
    if (given['date'] !== undefined && given['datetime'] !== undefined) {
      throw new ItemError({ datetime: ['excludes date'] });
    }
    const { datetime, ...fields } = given;
    const date = typeof datetime === 'string' ? { date: datetime.slice(0, 10) } : {};
    return { ...fields, ...date, ...numericOrigin(given), project_id: this.projectId(call) };
  }

  private entry(call: Call): TimeEntry {
    const entry = this.parts.timecards.get(call.company, pathId(call));
    if (entry.fields['project_id'] === this.projectId(call)) return entry;
    throw notFound(`Couldn't find TimecardEntry with 'id'=${entry.id}`);
  }

  private of(call: Call): TimeEntry[] {
    const project = this.projectId(call);
    return [...call.company.time.entries.values()].filter(
      (entry) =>
        entry.fields['project_id'] === project &&
        entry.fields['in_progress'] !== true &&
        changed(call, entry),
    );
  }

  private timesheet(call: Call, id: number): TimeRow {
    const sheet = call.company.time.timesheets.get(id);
    if (sheet?.fields['project_id'] === this.projectId(call)) return sheet;
    throw notFound(`Couldn't find Timesheet with 'id'=${id}`);
  }

  private projectId(call: Call): number {
    const id = asInt(call.params['project_id']) ?? call.query.int('project_id');
    if (id === undefined) throw refused(400, 'param is missing or the value is empty: project_id');
    return this.records.get(call.company, 'project', id).id;
  }

  /** The project door shows one entry as its list does; its own answer is not documented. */
  private shown(call: Call, entry: TimeEntry): unknown {
    const list = this.parts.catalogue.get('RestV10ProjectsProjectIdTimecardEntriesGet');
    const view = this.parts.views.ofProject(call.company, entry);
    return likeResponse(list ?? call.operation, view, (id) => this.parts.catalogue.get(id));
  }
}

/** v1.1 sends `custom_field_7`, lists show `custom_fields`; which type a field has is not played. */
function withCustomFields(given: JsonObject): JsonObject {
  const isCustom = ([name]: [string, unknown]): boolean => name.startsWith('custom_field_');
  const fields = Object.entries(given);
  const custom = fields.filter(isCustom).map(([name, value]) => [name, { data_type: 'string', value }]);
  return {
    ...Object.fromEntries(fields.filter((field) => !isCustom(field))),
    custom_fields: Object.fromEntries(custom),
  };
}

const authorOf = ({ token }: Call): TimeAuthor => ({ side: 'project', userId: token.userId });
