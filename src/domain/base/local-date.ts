/*
 * Local calendar dates (`2026-11-18`) as they stand: no zone, no clock. Days are counted since 1970-01-01.
 */

const DAY_MS = 86_400_000;

/** 0: Sunday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Days since 1970-01-01. Throws where the text is no date of the calendar. */
export function dayNumber(date: string): number {
  const time = Date.parse(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(time) || dateOfDay(time / DAY_MS) !== date)
    throw new RangeError(`"${date}" is not a calendar date such as 2026-11-18`);
  return time / DAY_MS;
}

export const dateOfDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export const addDays = (date: string, days: number): string => dateOfDay(dayNumber(date) + days);

/** Days from one date to another; negative: it lies before. */
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from);

// 1970-01-01 was a Thursday.
export const weekdayOf = (date: string): Weekday => ((((dayNumber(date) + 4) % 7) + 7) % 7) as Weekday;
