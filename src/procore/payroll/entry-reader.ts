import type { ProcoreId } from '../../domain/kinds/record';
import { isDate } from '../../domain/kinds/fit-record';
import type { Named, TimecardEntry } from '../../domain/payroll/entry';
import { ENTRY_STATUSES } from '../../domain/payroll/entry';
import type { JsonObject } from '../client/json';
import { isList, isObject, textOrNull, toId } from '../client/json';
import * as s from '../kinds/toolbox/schemas';
import { instantOf } from '../kinds/toolbox/lists';
import type { EntryPage, UnreadableEntry } from './port';

/*
 * Timecard entries of the company door (OpenAPI, "List timecard entries (Company)"). Every key that the entry is made of must be there: what Procore
 * does not show is unknown, and nobody is paid by what is unknown. Other keys are ignored.
 */

/** A record that is not there is null, or an object of nothing. */
const isNone = (value: unknown): boolean =>
  value === null || (isObject(value) && Object.values(value).every((part) => part === null));

/** What Procore shows of another record: its id, and its name under this key. */
const named = (key: string) =>
  s.reading(`a record with id and ${key}, or null`, (value): Named | null | undefined => {
    if (isNone(value)) return null;
    const id = isObject(value) ? toId(value['id']) : null;
    if (!isObject(value) || id === null) return undefined;
    return { id, name: (textOrNull(value[key]) ?? '').trim() || String(id) };
  });

const idOrNull = s.reading('an id or null', (value) => (value === null ? null : (toId(value) ?? undefined)));

const textOrNothing = s.reading('text or null', (value) =>
  value === null ? null : typeof value === 'string' ? value : undefined,
);

/** "Only in start/stop mode": elsewhere the key may be missing. As written, never converted. */
const clockTime = s.reading('a time or null', (value) =>
  value === null || value === undefined ? null : typeof value === 'string' ? value : undefined,
);

/** The calendar date of the work, to the letter: one with a time and a zone may be another day. */
const workDate = s.reading('a date such as 2026-11-18', (value) =>
  typeof value === 'string' && isDate(value) ? value : undefined,
);

const instant = s.reading('a time such as 2026-11-18T16:00:00Z', (value) => instantOf(value) ?? undefined);

const instantOrNull = s.reading('a time such as 2026-11-18T16:00:00Z, or null', (value) =>
  value === null ? null : (instantOf(value) ?? undefined),
);

const flag = s.reading('true or false', (value) => (typeof value === 'boolean' ? value : undefined));

const status = s.reading(`one of ${ENTRY_STATUSES.join(', ')}`, (value) =>
  ENTRY_STATUSES.find((known) => known === value),
);

const hours = s.reading('a decimal number such as "8.25"', (value) => {
  if (value === null) return null;
  const read = s.requiredDecimal.safeParse(value);
  return read.success ? read.data : undefined;
});

/** Null: no lunch was entered. */
const minutes = s.reading('minutes', (value) => {
  if (value === null) return 0;
  const read = s.requiredDecimal.safeParse(value);
  return read.success && Number(read.data) >= 0 ? Number(read.data) : undefined;
});

const schema = s
  .object({
    id: s.id,
    date: workDate,
    hours,
    time_in: clockTime,
    time_out: clockTime,
    lunch_time: minutes,
    party: named('name'),
    project: named('name'),
    sub_job: named('name'),
    cost_code: named('name'),
    line_item_type_id: idOrNull,
    timecard_time_type: named('time_type'),
    crew: named('name'),
    timesheet: named('name'),
    billable: flag,
    description: textOrNothing,
    approval_status: status,
    in_progress: flag,
    deleted_at: instantOrNull,
    origin_data: textOrNothing,
    updated_at: instant,
    created_by: named('name'),
  })
  .superRefine((entry, context) => {
    if (entry.hours !== null || entry.in_progress) return;
    context.addIssue({ code: 'custom', path: ['hours'], message: 'a decimal number such as "8.25"' });
  });

/**
 * Reads the pages of one list: each entry with the pieces that overtime management made of it. Whether a piece is a row of its own too is not
 * documented: none is read twice.
 */
export function entryReader(): (rows: readonly JsonObject[]) => EntryPage {
  const seen = new Set<ProcoreId>();
  return (rows) => {
    const entries: TimecardEntry[] = [];
    const unreadable: UnreadableEntry[] = [];
    const read = (row: JsonObject, splitFrom: ProcoreId | null): void => {
      const id = toId(row['id']);
      if (id !== null && seen.has(id)) return;
      if (id !== null) seen.add(id);
      const entry = entryOf(row, splitFrom);
      if ('problems' in entry) unreadable.push(entry);
      else entries.push(entry);
    };
    for (const row of rows) {
      read(row, null);
      const pieces = row['automatically_split_timecard_entries'];
      if (isList(pieces)) for (const piece of pieces.filter(isObject)) read(piece, toId(row['id']));
    }
    return { entries, unreadable };
  };
}

function entryOf(row: JsonObject, splitFrom: ProcoreId | null): TimecardEntry | UnreadableEntry {
  const read = schema.safeParse(row);
  if (!read.success) return unreadableOf(row, s.problemsOf(read.error, row, titleOf(row)));
  const { data } = read;
  const classification = classificationIn(row);
  if (classification === undefined)
    return unreadableOf(row, [`${titleOf(row)}.work_classification: expected an id or null`]);
  return {
    id: data.id,
    date: data.date,
    hours: data.hours ?? '0',
    timeIn: data.time_in,
    timeOut: data.time_out,
    lunchMinutes: data.lunch_time,
    person: data.party,
    project: data.project,
    subJob: data.sub_job,
    costCode: data.cost_code,
    costTypeId: data.line_item_type_id,
    timeType: data.timecard_time_type,
    ...(classification === 'unknown' ? {} : { workClassificationId: classification }),
    crew: data.crew,
    timesheetId: data.timesheet?.id ?? null,
    billable: data.billable,
    description: data.description ?? '',
    status: data.approval_status,
    inProgress: data.in_progress,
    deletedAt: data.deleted_at,
    splitFrom: splitFrom ?? toId(row['split_parent_id']),
    originData: data.origin_data,
    updatedAt: data.updated_at,
    createdBy: data.created_by?.name ?? null,
  };
}

/** The OpenAPI has it in v1.1 only (`work_classification_id`); a live answer may show the record. Undefined: it cannot be read. */
function classificationIn(row: JsonObject): ProcoreId | null | 'unknown' | undefined {
  const { work_classification_id: id, work_classification: record } = row;
  const value = id === undefined && isObject(record) ? record['id'] : id === undefined ? record : id;
  if (value === undefined) return 'unknown';
  return value === null ? null : (toId(value) ?? undefined);
}

const titleOf = (row: JsonObject): string => `timecard entry ${toId(row['id']) ?? 'without id'}`;

function unreadableOf(row: JsonObject, problems: readonly string[]): UnreadableEntry {
  const person = isObject(row['party']) ? textOrNull(row['party']['name']) : null;
  return { id: toId(row['id']), person, date: textOrNull(row['date']), problems };
}
