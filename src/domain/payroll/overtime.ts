import { parseHours } from './hours';
import type { Seconds } from './hours';

/** The rules by which a split of the field is explained. Hours as decimal text; null: no such limit. */
export interface OvertimeRules {
  /** Hours of a workweek at once the rate, `40`. */
  readonly weeklyAfter: string | null;
  /** Hours of a day at once the rate, `8`. */
  readonly dailyAfter: string | null;
}

/**
 * What the rules come to for a workweek, by the time worked on each of its dates: the greater of what its days and what the week as a whole are over; an hour is never counted both ways. All jobs
 * are pooled (29 CFR 778.103).
 */
export function overtimeDue(days: readonly Seconds[], rules: OvertimeRules): Seconds {
  const over = (worked: Seconds, limit: string | null): Seconds => {
    const most = limit === null ? null : parseHours(limit);
    return most === null ? 0 : Math.max(0, worked - most);
  };
  const week = days.reduce((total, worked) => total + worked, 0);
  const byDay = days.reduce((total, worked) => total + over(worked, rules.dailyAfter), 0);
  return Math.max(byDay, over(week, rules.weeklyAfter));
}
