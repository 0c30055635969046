import { daysBetween } from '../base/local-date';
import type { Weekday } from '../base/local-date';
import type { DateRange } from './calendar';
import { weekOf } from './calendar';
import { hoursText, hundredthsOf } from './hours';
import type { PayLine } from './line';

/** A line of ours, or one of the ERP. */
export type LaborLine = Pick<
  PayLine,
  'employee' | 'date' | 'job' | 'earnCode' | 'family' | 'craft' | 'class' | 'certified' | 'hours'
>;

/** Hours of one employee in one classification, on one job, in one week: the labour part of a certified payroll (WH-347), without pay. */
export interface LaborRow {
  readonly job: string;
  readonly week: DateRange;
  readonly employee: string;
  readonly craft: string | null;
  readonly class: string | null;
  /** Seven days from the beginning of the week. */
  readonly straight: readonly string[];
  readonly overtime: readonly string[];
  readonly totalStraight: string;
  readonly totalOvertime: string;
}

/**
 * Hours worked by craft and class, by job and week, one row for each classification of a person. Corrections count in the week of their original date, so
 * a week is amended and never pays for another. Only worked time on jobs; with `certifiedOnly` only what goes on a certified payroll.
 */
export function laborReport(
  lines: readonly LaborLine[],
  {
    weekStartsOn,
    factorOf,
    certifiedOnly = false,
  }: {
    readonly weekStartsOn: Weekday;
    readonly factorOf: (earnCode: string) => string | null;
    readonly certifiedOnly?: boolean;
  },
): readonly LaborRow[] {
  const rows = new Map<string, Sums>();
  for (const line of lines) {
    const { job, date, employee, craft, class: classCode } = line;
    if (job === null || line.family !== 'worked' || (certifiedOnly && !line.certified)) continue;
    const week = weekOf(date, weekStartsOn);
    const key = JSON.stringify([job, week.begin, employee, craft, classCode]);
    const sums = rows.get(key) ?? {
      ...{ job, week, employee, craft, class: classCode },
      straight: new Array<number>(7).fill(0),
      overtime: new Array<number>(7).fill(0),
    };
    rows.set(key, sums);
    const day = daysBetween(week.begin, date);
    const days = Number(factorOf(line.earnCode) ?? '1') > 1 ? sums.overtime : sums.straight;
    days[day] = (days[day] ?? 0) + hundredthsOf(line.hours);
  }
  return [...rows]
    .filter(([, { straight, overtime }]) => [...straight, ...overtime].some((hours) => hours !== 0))
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([, sums]) => printedRow(sums));
}

interface Sums extends Pick<LaborRow, 'job' | 'week' | 'employee' | 'craft' | 'class'> {
  readonly straight: number[];
  readonly overtime: number[];
}

function printedRow({ straight, overtime, ...row }: Sums): LaborRow {
  const total = (days: readonly number[]): string => hoursText(days.reduce((sum, one) => sum + one, 0));
  return {
    ...row,
    straight: straight.map(hoursText),
    overtime: overtime.map(hoursText),
    totalStraight: total(straight),
    totalOvertime: total(overtime),
  };
}
