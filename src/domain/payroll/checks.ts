import { dayLengthIn } from '../base/time-zone';
import { contains, workweekOf } from './calendar';
import { personName } from './employee';
import type { Gathered, PeriodInput } from './gather';
import { hoursText, SECONDS_PER_HUNDREDTH } from './hours';
import { overtimeDue } from './overtime';
import { periodName } from './period';
import type { PayWarning, PayWarningCode } from './warnings';
import { PAY_WARNINGS } from '../base/warning';
import { payWarning } from './warnings';

/** Printed as payroll prints it. */
const shown = (seconds: number): string => hoursText(Math.round(seconds / SECONDS_PER_HUNDREDTH));

/** Everything a clerk must know before saying yes, in the order of the table. Only what touches an entry of this plan is told. */
export function warningsOf(paid: readonly Gathered[], input: PeriodInput): readonly PayWarning[] {
  const order = Object.keys(PAY_WARNINGS) as PayWarningCode[];
  const here = paid.filter(({ place }) => place === 'here');
  const dates = grouped(paid, ({ employee, entry }) => `${employee.key} ${entry.date}`);
  const people = grouped(
    paid.filter(({ codes }) => codes.family !== 'equipment'),
    ({ employee }) => employee.key,
  );
  return [
    ...dates.flatMap((day) => [...dayTooLong(day, input), ...twins(day)]),
    ...people.flatMap((entries) => [...overlaps(entries), ...overtimeUnexplained(entries, input)]),
    ...standing(here),
    ...clocks(here),
    ...late(here),
    ...closed(input),
  ].sort((one, two) => order.indexOf(one.code) - order.indexOf(two.code));
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

const idsOf = (entries: readonly Gathered[]): readonly number[] => entries.map(({ entry }) => entry.id);
const isHere = ({ place }: Gathered): boolean => place === 'here';

/** A shift belongs to the date on which it starts, and no date holds more than its own hours. */
function dayTooLong(day: readonly Gathered[], { rules }: PeriodInput): readonly PayWarning[] {
  const worked = day.filter(({ codes }) => codes.family === 'worked');
  const [first] = worked;
  if (first === undefined || !worked.some(isHere)) return [];
  const total = worked.reduce((sum, { time }) => sum + time.seconds, 0);
  if (total <= SHORTEST_DAY) return [];
  const lengths = worked.map(({ codes, entry }) =>
    dayLengthIn(entry.date, codes.jobPlace?.timeZone ?? rules.timeZone),
  );
  const longest = Math.max(...lengths) / 1000;
  if (total <= longest) return [];
  const { employee, entry } = first;
  const text = `${personName(employee)} has ${shown(total)} h on ${entry.date}, which has ${shown(longest)} h; a shift counts on the date on which it starts.`;
  return [payWarning('day_too_long', text, idsOf(worked))];
}

/** No zone has shorter days; most days need no look at a zone. */
const SHORTEST_DAY = 22 * 3600;

function twins(day: readonly Gathered[]): readonly PayWarning[] {
  return grouped(day, ({ codes, time, entry }) =>
    JSON.stringify([codes.job, codes.phase, codes.earnCode, codes.equipment, time.seconds, entry.timeIn]),
  ).flatMap((alike) => {
    const [first] = alike;
    if (first === undefined || alike.length < 2 || !alike.some(isHere)) return [];
    const { employee, codes, entry, time } = first;
    const text = `${personName(employee)} has ${alike.length} entries of ${shown(time.seconds)} h ${codes.earnCode} on ${entry.date} with the same job and phase.`;
    return [payWarning('twins', text, idsOf(alike))];
  });
}

function overlaps(entries: readonly Gathered[]): readonly PayWarning[] {
  const shifts = entries
    .flatMap((one) => (one.time.shift === null ? [] : [{ one, ...one.time.shift }]))
    .sort((left, right) => left.startsAt - right.startsAt || left.one.entry.id - right.one.entry.id);
  return shifts.flatMap((shift, index) => {
    const over = shifts.slice(0, index).findLast(({ endsAt }) => endsAt > shift.startsAt);
    if (over === undefined || !(isHere(over.one) || isHere(shift.one))) return [];
    const text = `${personName(shift.one.employee)} has two entries for the same time on ${shift.one.entry.date}.`;
    return [payWarning('overlap', text, idsOf([over.one, shift.one]))];
  });
}

/** Only where the field owns the split; the ERP's own needs no explanation of ours. */
function overtimeUnexplained(entries: readonly Gathered[], input: PeriodInput): readonly PayWarning[] {
  const { period, references, rules } = input;
  const { overtime, workweek } = rules;
  if (overtime === null || references.overtimeOwner(period.group) === 'erp') return [];
  const worked = entries.filter(({ codes }) => codes.family === 'worked');
  return grouped(worked, ({ entry }) => workweekOf(entry.date, workweek).begin).flatMap((week) => {
    const [first] = week;
    if (first === undefined) return [];
    const range = workweekOf(first.entry.date, workweek);
    const isOurs = contains(period, range.end) || week.some((one) => isHere(one) && one.codes.isOvertime);
    if (!isOurs || !week.some(isHere)) return [];
    const due = overtimeDue(daysOf(week), overtime);
    const split = week.reduce((sum, { codes, time }) => sum + (codes.isOvertime ? time.seconds : 0), 0);
    // Each entry may be off by what two decimals cannot show.
    if (Math.abs(due - split) <= week.length * (SECONDS_PER_HUNDREDTH / 2)) return [];
    const text = `${personName(first.employee)} has ${shown(split)} h of overtime in the week from ${range.begin}; the rules come to ${shown(due)} h.`;
    return [payWarning('overtime_unexplained', text, idsOf(week))];
  });
}

/** Seconds worked on each date. */
const daysOf = (week: readonly Gathered[]): readonly number[] =>
  grouped(week, ({ entry }) => entry.date).map((day) => day.reduce((sum, { time }) => sum + time.seconds, 0));

/** What of the ERP is not active any more, and costs that go elsewhere than was meant: once each. */
function standing(here: readonly Gathered[]): readonly PayWarning[] {
  const once = (code: PayWarningCode, sentenceOf: (one: Gathered) => string | null): readonly PayWarning[] =>
    grouped(
      here.filter((one) => sentenceOf(one) !== null),
      (one) => sentenceOf(one) ?? '',
    ).flatMap((group) => {
      const sentence = group[0] === undefined ? null : sentenceOf(group[0]);
      return sentence === null ? [] : [payWarning(code, sentence, idsOf(group))];
    });
  return [
    ...once('employee_inactive', ({ employee }) =>
      employee.isActive
        ? null
        : `${personName(employee)} is inactive in the ERP${employee.endedOn === null ? '' : `, employed until ${employee.endedOn}`}.`,
    ),
    ...once('job_inactive', ({ codes }) =>
      codes.jobPlace?.isActive === false ? `Job ${codes.jobPlace.label} is inactive in the ERP.` : null,
    ),
    ...once('phase_inactive', ({ codes }) =>
      codes.phasePlace?.isActive === false ? `Phase ${codes.phasePlace.label} is inactive in the ERP.` : null,
    ),
    ...once('cost_type_differs', ({ codes }) =>
      codes.costTypeConflict === null ? null : `Other costs than entered: ${codes.costTypeConflict}.`,
    ),
  ];
}

function clocks(here: readonly Gathered[]): readonly PayWarning[] {
  return here.flatMap(({ entry, employee, time }) => {
    if (time.isCorrected) {
      const text = `${personName(employee)}, ${entry.date}: clocks changed between ${entry.timeIn} and ${entry.timeOut}; Procore counts ${entry.hours} h, and ${shown(time.seconds)} h passed.`;
      return [payWarning('clock_changed', text, [entry.id])];
    }
    if (time.shift !== null || entry.timeIn === null || entry.timeOut === null) return [];
    const text = `${personName(employee)}, ${entry.date}: the clock times ${entry.timeIn} and ${entry.timeOut} cannot be read; ${entry.hours} h stand.`;
    return [payWarning('clock_unreadable', text, [entry.id])];
  });
}

const late = (here: readonly Gathered[]): readonly PayWarning[] =>
  grouped(
    here.filter(({ missed }) => missed !== null),
    ({ missed }) => (missed === null ? '' : periodName(missed)),
  ).flatMap((group) => {
    const missed = group[0]?.missed ?? null;
    if (missed === null) return [];
    const text = `${group.length === 1 ? 'One entry' : `${group.length} entries`} of period ${periodName(missed)} came late: paid in this one, with the original date.`;
    return [payWarning('late', text, idsOf(group))];
  });

const closed = ({ period }: PeriodInput): readonly PayWarning[] =>
  period.state === 'closed'
    ? [payWarning('period_closed', `Period ${periodName(period)} is closed in the ERP.`)]
    : [];
