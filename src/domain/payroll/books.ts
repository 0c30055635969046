import type { ProcoreId } from '../kinds/record';
import type { TimecardEntry } from './entry';
import type { Hundredths } from './hours';
import type { PayrollRules } from './gather';
import type { PayLine } from './line';
import { entryRevision } from './revision';

/** A timecard entry as it is kept: how it is now, and what became of it. */
export interface KeptEntry {
  /** As Procore showed it last, deleted ones too. */
  readonly entry: TimecardEntry;
  /** The version that was approved last, where it is another one than `entry`; null: it is this one, or none ever was. */
  readonly approved: TimecardEntry | null;
  /** When it was approved first, as Procore says, ISO 8601 UTC; null: it never was. What is approved by the cut-off of its period is that period's. */
  readonly payableSince: string | null;
  /** The request whose batch has its hours; null: none has. */
  readonly writtenIn: string | null;
  /** Hours that were written for it. */
  readonly hours: Hundredths | null;
  /** `countedRevision` when it was written. */
  readonly writtenRevision: string | null;
}

/** For which lines a batch of the ERP is: the ordinary ones of a period, or corrections of what was posted. */
export type BatchPurpose = 'period' | 'correction';

/** A line that we wrote and did not take back. */
export interface WrittenLine {
  readonly line: PayLine;
  /** The request that wrote it. */
  readonly requestId: string;
  readonly purpose: BatchPurpose;
  /** `periodName` of the period that its batch is of. */
  readonly period: string;
  /** The batch in the ERP. */
  readonly batch: string;
}

/** A line that the ERP did not take, and what it said. It is not sent again as it is, unless somebody asks for it. */
export interface RefusedLine {
  readonly line: PayLine;
  readonly reason: string;
}

/** Whether an entry counts as it is now: it is there, approved and finished. */
export const isPayable = (
  { deletedAt, status, inProgress }: TimecardEntry,
  { payable }: Pick<PayrollRules, 'payable'>,
): boolean => deletedAt === null && payable.includes(status) && !inProgress;

/**
 * `entryRevision` of what is paid. One payable status is as good as another: closing an entry for payroll (`completed`) is our own doing and no edit.
 */
export const paidRevision = (entry: TimecardEntry, rules: Pick<PayrollRules, 'payable'>): string =>
  entryRevision(isPayable(entry, rules) ? { ...entry, status: 'completed' } : entry);

/** Versions that were approved last, of entries that are another version now. */
export const approvedBefore = (kept: readonly KeptEntry[]): ReadonlyMap<ProcoreId, TimecardEntry> =>
  new Map(kept.flatMap(({ entry, approved }) => (approved === null ? [] : [[entry.id, approved] as const])));

/**
 * What of an entry counts now, as a revision: of the version that is approved, or was last; empty: nothing of it is paid. It is another one than
 * `writtenRevision` where somebody edited what was written.
 */
export function countedRevision(
  entry: TimecardEntry,
  approved: TimecardEntry | null,
  rules: Pick<PayrollRules, 'payable'>,
): string {
  if (entry.deletedAt !== null) return '';
  if (isPayable(entry, rules)) return paidRevision(entry, rules);
  return approved === null ? '' : paidRevision(approved, rules);
}

/** What a batch has of an entry once it is written. */
export interface EntryWritten {
  readonly entryId: ProcoreId;
  readonly hours: Hundredths;
  /** `countedRevision` then. */
  readonly revision: string;
}
