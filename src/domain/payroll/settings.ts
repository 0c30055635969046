import type { Weekday } from '../base/local-date';
import type { EntryStatus } from './entry';
import type { PayrollMapping } from './mapping';
import type { OvertimeRules } from './overtime';
import type { OvertimeOwner } from './resolve';
import type { Grid } from './rounding';

/** How the payroll of a connection is worked. */
export interface PayrollSettings {
  /** Statuses of entries that are paid. */
  readonly payable: readonly EntryStatus[];
  /** Rounding of an employee's day. */
  readonly rounding: Grid;
  /** First day of the workweek, by pay group; that of `*` where a group is not named. */
  readonly workweeks: Readonly<Record<string, Weekday>>;
  /** Who splits hours into regular and overtime, by pay group; that of `*` where a group is not named. */
  readonly overtimeOwners: Readonly<Record<string, OvertimeOwner>>;
  /** What a split of the field is held against; null: nothing. */
  readonly overtime: OvertimeRules | null;
  /** IANA zone of the payroll office, and of jobs whose own is not known. */
  readonly timeZone: string;
  readonly mapping: PayrollMapping;
  /** Entries of so many days back are looked at: what was paid longer ago is not corrected by itself. */
  readonly lookBackDays: number;
  /** So many days after its end a period is cut off, where the ERP names no day: until then timecards are approved. */
  readonly cutOffDays: number;
  /** How often timecards and pay periods are looked at, in seconds. */
  readonly everySeconds: number;
  /** Pay groups whose periods are worked; null: all of the ERP. */
  readonly groups: readonly string[] | null;
  /** Entries are closed in Procore (`completed`) once the ERP has them. */
  readonly completes: boolean;
}

/** After so many looks that did not come, timecards are late. */
const LATE_AFTER = 3;

/** Within this time timecards and pay periods are looked at, in milliseconds. */
export const payGoalMs = ({ everySeconds }: Pick<PayrollSettings, 'everySeconds'>): number =>
  everySeconds * LATE_AFTER * 1000;

/** What holds for a pay group: its own, else that of `*`. */
export const ofGroup = <T>(values: Readonly<Record<string, T>>, group: string, otherwise: T): T =>
  values[group] ?? values['*'] ?? otherwise;
