import type { PayPeriod } from '../../../domain/payroll/period';
import type { PayrollFiles } from './settings';

type PayGroup = PayrollFiles['payGroups'][number];

const DAY_MS = 86_400_000;
const daysAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** The last day of the month of a date. */
function monthEnd(date: string): string {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** The end of the period that begins on a day. */
function endFrom(begin: string, { frequency }: PayGroup): string {
  if (frequency === 'weekly') return daysAfter(begin, 6);
  if (frequency === 'biweekly') return daysAfter(begin, 13);
  if (frequency === 'semimonthly' && begin.slice(8) <= '15') return `${begin.slice(0, 8)}15`;
  return monthEnd(begin);
}

function beginOf(end: string, { frequency }: PayGroup): string {
  if (frequency === 'weekly') return daysAfter(end, -6);
  if (frequency === 'biweekly') return daysAfter(end, -13);
  return frequency === 'semimonthly' && end.slice(8) > '15' ? `${end.slice(0, 8)}16` : `${end.slice(0, 8)}01`;
}

/** The periods of a group that end on or after a day, from the first one that is declared to the first that is yet to come. */
export function periodsOf(group: PayGroup, from: string, today: string): readonly PayPeriod[] {
  const periods: PayPeriod[] = [];
  for (let begin = beginOf(group.ends, group), isFuture = false; !isFuture;) {
    const end = endFrom(begin, group);
    isFuture = begin > today;
    const isClosed = group.closedTo !== undefined && end <= group.closedTo;
    if (end >= from)
      periods.push({
        ...{ group: group.code, run: 1, begin, end, cutOff: null, frequency: group.frequency },
        state: isClosed ? 'closed' : isFuture ? 'future' : 'open',
      });
    begin = daysAfter(end, 1);
  }
  return periods;
}
