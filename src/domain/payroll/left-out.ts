import type { ProcoreId } from '../kinds/record';
import type { TimecardEntry } from './entry';
import type { GapCode } from './resolve';
import { personOf } from './resolve';

/** Why an entry is not in the lines of a period, besides the gaps of its codes. */
export const LEFT_OUT = {
  in_progress: 'clocked in and not out',
  not_approved: 'not approved yet',
  hours_unreadable: 'its hours cannot be read',
  negative: 'its hours are negative',
  amountless_allowance: 'the ERP does not know what a unit of this allowance pays',
  allowance_twice: 'the allowance is paid once a day, on the job with the most hours',
  not_employed: 'not employed on that date',
  inactive_employee: 'the employee is inactive in the ERP, and since when is not known',
  elsewhere: 'it stands elsewhere already',
  after_cut_off: 'it came after the cut-off, and is paid in the next open period',
  overtime_later: 'overtime is paid with the period in which its workweek ends',
  no_period: 'the ERP has no pay period for that date',
  no_open_period: 'no later period is open',
} as const;
export type LeftOutReason = keyof typeof LEFT_OUT | GapCode;

/** An entry that is not in the lines, by name. */
export interface LeftOut {
  readonly entry: ProcoreId;
  /** Key of the employee; null: not matched. */
  readonly employee: string | null;
  readonly person: string;
  readonly date: string;
  /** As Procore has them. */
  readonly hours: string;
  readonly reason: LeftOutReason;
  /** A sentence for people. */
  readonly text: string;
}

/** Leaves out an entry; `more` completes the sentence. */
export const leftOut = (
  entry: TimecardEntry,
  employee: string | null,
  reason: keyof typeof LEFT_OUT,
  more = '',
): LeftOut => ({
  entry: entry.id,
  employee,
  person: personOf(entry),
  date: entry.date,
  hours: entry.hours,
  reason,
  text: `${personOf(entry)}, ${entry.date}, ${entry.hours} h: ${LEFT_OUT[reason]}${more}.`,
});
