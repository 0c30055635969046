import type { ProcoreId } from '../kinds/record';

/** How far the field is with an entry ("Timesheets: Multi-Tier Approval for Timekeeping"). */
export const ENTRY_STATUSES = ['pending', 'reviewed', 'approved', 'completed'] as const;
export type EntryStatus = (typeof ENTRY_STATUSES)[number];

/** Something of Procore, by its id and the name that people know. */
export interface Named {
  readonly id: ProcoreId;
  readonly name: string;
}

/**
 * A timecard entry as Procore shows it at its company door (`companies/{company_id}/timecard_entries`). Dates are local calendar dates of the work
 * (`2026-11-18`) and never pass through a time zone.
 */
export interface TimecardEntry {
  readonly id: ProcoreId;
  readonly date: string;
  /** Decimal text, lunch not included, e.g. `8.25`. Of an entry that somebody clocks in and out it is what Procore counted. */
  readonly hours: string;
  /** Clock times as Procore writes them, where the project enters them; null: hours were entered. */
  readonly timeIn: string | null;
  readonly timeOut: string | null;
  readonly lunchMinutes: number;
  /** The worker (`party`). */
  readonly person: Named | null;
  readonly project: Named | null;
  readonly subJob: Named | null;
  readonly costCode: Named | null;
  /** Cost type (`line_item_type_id`). */
  readonly costTypeId: ProcoreId | null;
  readonly timeType: Named | null;
  /** Absent: Procore did not say. The documented answer of the company door shows none. */
  readonly workClassificationId?: ProcoreId | null;
  readonly crew: Named | null;
  readonly timesheetId: ProcoreId | null;
  readonly billable: boolean;
  readonly description: string;
  readonly status: EntryStatus;
  /** Clocked in and not out: there are no hours to pay yet. */
  readonly inProgress: boolean;
  /** Null: it is there. */
  readonly deletedAt: string | null;
  /** The entry that overtime management made this one from, as far as Procore tells: only the list within that entry does. */
  readonly splitFrom: ProcoreId | null;
  readonly originData: string | null;
  /** ISO 8601 in UTC. */
  readonly updatedAt: string;
  readonly createdBy: string | null;
}
