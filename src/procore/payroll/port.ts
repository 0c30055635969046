import type { ProcoreId } from '../../domain/kinds/record';
import type { Named, TimecardEntry } from '../../domain/payroll/entry';
import type { Person } from '../../domain/payroll/person';
import type { ItemError } from '../item-error';

/**
 * The timekeeping of one Procore company, as payroll needs it. No event of the ERP tool tells of timecards, so it is the same through both doors: the
 * company's own lists, which show all projects in one. Nothing is decided here: entries in progress, not approved or deleted are shown as such.
 */
export interface ProcorePayroll {
  /** Procore's clock, ISO 8601 UTC, as its last answer told it: times of entries are told by it, and ours may be wrong. */
  now(): string;
  /**
   * Entries by their dates of work, page by page, those in progress too, deleted ones not. Throws `PROCORE_LIST_MOVED` after the last page where any may
   * be missing: then nothing may be concluded from it.
   */
  entries(dates: Dates, of?: { readonly people?: readonly ProcoreId[] }): AsyncIterable<EntryPage>;
  /**
   * Entries of these dates that changed or were deleted since then (ISO 8601 UTC), page by page, with an overlap for what was being written at that
   * moment: one may come again, the later one holds. An entry that was moved out of the dates is not among them: `entriesById` finds it.
   */
  changedEntries(since: string, dates: Dates): AsyncIterable<EntryPage>;
  /**
   * Those of these entries that Procore knows, deleted ones too. One that is not answered is gone, or may not be read. Whether a piece that overtime
   * management made shows by itself is not documented: ask for the entry that it was made from (`splitFrom`) with it.
   */
  entriesById(ids: readonly ProcoreId[]): Promise<EntryPage>;
  timeTypes(): Promise<readonly Named[]>;
  workClassifications(): Promise<readonly WorkClassification[]>;
  /** Everybody in the directory, inactive people too. Throws `PROCORE_LIST_MOVED` as `entries` does. */
  people(): Promise<readonly Person[]>;
  /** Closes entries for payroll (`completed`). Harmless to repeat. Entries that were not taken are told one by one; their key is the id. */
  complete(ids: readonly ProcoreId[]): Promise<Completion>;
  /** Writes what payroll knows of people. Harmless to repeat; read back. The key of an error is the id of the person. */
  writePeople(changes: readonly PersonChange[]): Promise<readonly ItemError[]>;
}

/** Local calendar dates, both included. */
export interface Dates {
  readonly begin: string;
  readonly end: string;
}

export interface EntryPage {
  readonly entries: readonly TimecardEntry[];
  readonly unreadable: readonly UnreadableEntry[];
}

/** An entry that Procore showed without what payroll must know, or with something else in its place: never paid, never dropped. */
export interface UnreadableEntry {
  /** Null: not even that. */
  readonly id: ProcoreId | null;
  /** As far as they can be read. */
  readonly person: string | null;
  readonly date: string | null;
  /** `timecard entry 5200001.hours: expected a decimal number, got "8:15"`. */
  readonly problems: readonly string[];
}

export interface WorkClassification extends Named {
  readonly abbreviation: string | null;
}

export interface Completion {
  readonly completed: readonly ProcoreId[];
  readonly errors: readonly ItemError[];
}

export interface PersonChange {
  /** Of the person. */
  readonly id: ProcoreId;
  /** Only what is given is written, and only where Procore has something else; null clears. */
  readonly employeeId?: string | null;
  readonly originId?: string | null;
  readonly workClassificationId?: ProcoreId | null;
}
