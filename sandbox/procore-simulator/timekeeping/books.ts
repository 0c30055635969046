import { isoSeconds } from '../clock';
import type { JsonObject } from '../json';

/** In the order in which an entry moves on (support pages "Approve a Timesheet", "Multi-Tier Approval for Timekeeping"). */
export const APPROVAL_STATUSES = ['pending', 'reviewed', 'approved', 'completed'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

/** A row of one of the lists below, by the field names of the API. */
export interface TimeRow {
  readonly id: number;
  readonly fields: JsonObject;
  readonly created_at: number;
  updated_at: number;
}

/** One changed column of an entry, as `change_history` shows it. */
export interface EntryChange {
  column: string;
  old_value: string | null;
  new_value: string | null;
  created_at: number;
  userId: number | null;
}

/** A timecard entry. What is deleted stays, with the time of it. */
export interface TimeEntry extends TimeRow {
  deleted_at: number | null;
  readonly history: EntryChange[];
  readonly createdBy: number | null;
  /** Entries that overtime management made of it, deleted ones too. */
  readonly pieceIds: number[];
}

export interface TimeType {
  id: number;
  time_type: string;
  abbreviated_time_type: string;
  global: boolean;
}

/** Support page "Configure Overtime Rules for Timesheets": hours a day after which a time type applies. */
export interface OvertimeRules {
  regularTypeId: number;
  overtimeTypeId: number;
  /** Decimal text. */
  dailyHours: string;
  doubleTypeId?: number;
  doubleHours?: string;
}

/** Everything that the timekeeping of one company knows: plain data, so that a file can hold it. */
export interface TimeBooks {
  /** People of the directory; `id` is the `party_id` of entries. */
  readonly people: Map<number, TimeRow>;
  readonly timeTypes: Map<number, TimeType>;
  readonly classifications: Map<number, TimeRow>;
  readonly crews: Map<number, TimeRow>;
  readonly timesheets: Map<number, TimeRow>;
  readonly entries: Map<number, TimeEntry>;
  /** Null: overtime management is off. */
  overtime: OvertimeRules | null;
  rounding: JsonObject;
  budgetDefaults: JsonObject;
}

/** Support page "Create a Custom Time Type": what every company has. The ids are ours. */
const STANDARD_TYPES: readonly (readonly [string, string])[] = [
  ['Regular Time', 'RT'],
  ['Overtime', 'OT'],
  ['Double Time', 'DT'],
  ['Salary', 'SAL'],
  ['PTO', 'PTO'],
  ['Holiday', 'HOL'],
  ['Vacation', 'VAC'],
  ['Exempt', 'EX'],
];

export const emptyTimeBooks = (): TimeBooks => ({
  people: new Map(),
  timeTypes: new Map(
    STANDARD_TYPES.map(([time_type, abbreviated_time_type], index) => [
      index + 1,
      { id: index + 1, time_type, abbreviated_time_type, global: true },
    ]),
  ),
  classifications: new Map(),
  crews: new Map(),
  timesheets: new Map(),
  entries: new Map(),
  overtime: null,
  // Inferred: what a company shows that never configured anything.
  rounding: { time_increment: 0, rule: 'none' },
  budgetDefaults: {},
});

/** Time of a row as Procore prints it; null stays null. */
export const printed = (at: number | null): string | null => (at === null ? null : isoSeconds(at));

/** `Maya Ortiz` */
export const personName = ({ fields }: TimeRow): string =>
  [fields['first_name'], fields['last_name']].filter((name) => typeof name === 'string').join(' ');
