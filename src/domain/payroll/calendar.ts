import { addDays, daysBetween, weekdayOf } from '../base/local-date';
import type { Weekday } from '../base/local-date';
import type { PayPeriod } from './period';

/*
 * Five calendars of one date of work, all derived from it: workweek, pay period (the ERP's own), accounting month, certified week, fund month.
 */

/** Days of the local calendar, both ends included. */
export interface DateRange {
  readonly begin: string;
  readonly end: string;
}

export const contains = ({ begin, end }: DateRange, date: string): boolean => begin <= date && date <= end;

/** Seven days from one weekday on: a workweek of a pay group (29 CFR 778.104), or a week of certified payroll. */
export function weekOf(date: string, startsOn: Weekday): DateRange {
  const begin = addDays(date, -((weekdayOf(date) - startsOn + 7) % 7));
  return { begin, end: addDays(begin, 6) };
}

/** The workweek of a pay group: when it begins, and since when that holds. */
export interface WorkweekRule {
  readonly startsOn: Weekday;
  /** First day of the first workweek that begins so; null: always. */
  readonly since: string | null;
}

/** The workweek of a date, by the rule that holds then. */
export const workweekOf = (date: string, rules: readonly WorkweekRule[]): DateRange =>
  weekOf(date, ruleAt(date, rules).startsOn);

/**
 * The weeks in which a date counts: one; two where the start was moved and the last old week runs into the first new one. Overtime is counted both
 * ways there, and the greater is paid (29 CFR 778.302).
 */
export function workweeksOf(date: string, rules: readonly WorkweekRule[]): readonly DateRange[] {
  const week = workweekOf(date, rules);
  const next = inOrder(rules).find(({ since }) => since !== null && since > week.begin && since <= week.end);
  const last = inOrder(rules).findLast(({ since }) => since !== null && since <= date);
  const [moved] = [next?.since, last?.since].filter((since) => since !== undefined && since !== null);
  if (moved === undefined) return [week];
  const old = weekOf(addDays(moved, -1), ruleAt(addDays(moved, -1), rules).startsOn);
  const fresh = weekOf(moved, ruleAt(moved, rules).startsOn);
  const ways = [old, fresh].filter((one) => contains(one, date));
  return old.end >= fresh.begin && ways.length > 0 && old.begin !== fresh.begin ? ways : [week];
}

const inOrder = (rules: readonly WorkweekRule[]): readonly WorkweekRule[] =>
  [...rules].sort((one, two) => (one.since ?? '').localeCompare(two.since ?? ''));

const ruleAt = (date: string, rules: readonly WorkweekRule[]): WorkweekRule =>
  inOrder(rules).findLast(({ since }) => since === null || since <= date) ?? { startsOn: 0, since: null };

/** The accounting month of a date, `2026-11`. */
export const monthOf = (date: string): string => date.slice(0, 7);

/**
 * The month to which a union fund counts a date: fund months end with the pay period whose end is nearest to the first of the next month. `periodEnds`
 * are all ends of the group around that date; null: none of them closes its month.
 */
export function fundMonthOf(date: string, periodEnds: readonly string[]): string | null {
  const months = [monthOf(date), monthOf(addDays(`${monthOf(date)}-01`, 31))];
  const before = monthOf(addDays(`${monthOf(date)}-01`, -1));
  return (
    [before, ...months].find((month) => {
      const closing = closingOf(month, periodEnds);
      return closing !== null && date <= closing;
    }) ?? null
  );
}

/** The pay period end nearest to the first of the following month; of two as near, the earlier one. */
function closingOf(month: string, periodEnds: readonly string[]): string | null {
  const first = `${monthOf(addDays(`${month}-01`, 31))}-01`;
  const apart = (end: string): number => Math.abs(daysBetween(end, first));
  const [nearest] = [...periodEnds].sort((one, two) => apart(one) - apart(two) || one.localeCompare(two));
  return nearest !== undefined && apart(nearest) <= MOST_APART ? nearest : null;
}

/** Half the longest period: beyond it the ends that were given do not reach that month. */
const MOST_APART = 16;

/** The ordinary period of a group that a date lies in, by the ERP's own list; null: it has none. */
export const periodOf = (date: string, group: string, periods: readonly PayPeriod[]): PayPeriod | null =>
  periods.find((period) => period.group === group && period.run === 1 && contains(period, date)) ?? null;

/** Where the hours of a date are paid. */
export type Due =
  | { readonly kind: 'due'; readonly period: PayPeriod }
  /** Its own period takes nothing more: paid in the next open one, with its original date. */
  | { readonly kind: 'late'; readonly period: PayPeriod; readonly missed: PayPeriod }
  | { readonly kind: 'exception'; readonly reason: 'no_period' | 'no_open_period' };

/** Whether a period still gathers on a day: it is not closed, and its cut-off is not over. */
export const isGathering = (period: PayPeriod, asOf: string): boolean =>
  period.state !== 'closed' && asOf <= (period.cutOff ?? period.end);

/**
 * The period in which hours of a date are paid, as things stand on the day `asOf` (local, of the payroll office). No period for a date is an exception: we
 * never make one up. Extra runs gather nothing by themselves.
 */
export function dueOn(date: string, group: string, periods: readonly PayPeriod[], asOf: string): Due {
  const own = periodOf(date, group, periods);
  if (own === null) return { kind: 'exception', reason: 'no_period' };
  if (isGathering(own, asOf)) return { kind: 'due', period: own };
  const [next] = periods
    .filter((one) => one.group === group && one.run === 1 && one.begin > own.end && isGathering(one, asOf))
    .sort((one, two) => one.begin.localeCompare(two.begin));
  return next === undefined
    ? { kind: 'exception', reason: 'no_open_period' }
    : { kind: 'late', period: next, missed: own };
}

/** The date by which hours find their period: overtime is due with the period in which its workweek ends (29 CFR 778.106). */
export const dueDateOf = (date: string, isOvertime: boolean, rules: readonly WorkweekRule[]): string =>
  isOvertime ? workweekOf(date, rules).end : date;
