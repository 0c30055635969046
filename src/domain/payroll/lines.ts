import type { ProcoreId } from '../kinds/record';
import { cellKey, cellOf, lineKey, placeOf } from './cell';
import type { Counted } from './clock-times';
import type { TimecardEntry } from './entry';
import { hoursText } from './hours';
import type { Hundredths } from './hours';
import type { PayLine } from './line';
import type { EntryCodes } from './resolve';
import type { Grid } from './rounding';
import { roundDay } from './rounding';

/** An entry that is paid: its codes and its time. */
export interface PaidEntry {
  readonly entry: TimecardEntry;
  readonly codes: EntryCodes;
  readonly time: Counted;
}

/** How hours are printed. */
export interface Printing {
  readonly grid: Grid;
  /** What was printed already, by entry: it does not change any more, and its day rounds around it. */
  readonly frozen: ReadonlyMap<ProcoreId, Hundredths>;
}

/** What rounds together: worked time and leave of an employee's day; a machine's day; a unit of an allowance stands alone. */
const roundsWith = ({ entry, codes }: PaidEntry): string =>
  codes.family === 'allowance'
    ? `allowance ${entry.id}`
    : JSON.stringify([codes.employee, codes.equipment, entry.date]);

/** Printed hundredths of an hour by entry. The parts of an employee's day add up to the day, rounded once. */
export function printedHours(
  paid: readonly PaidEntry[],
  { grid, frozen }: Printing,
): ReadonlyMap<ProcoreId, Hundredths> {
  const days = new Map<string, PaidEntry[]>();
  for (const one of paid) {
    const day = roundsWith(one);
    const parts = days.get(day);
    if (parts === undefined) days.set(day, [one]);
    else parts.push(one);
  }
  const printed = new Map<ProcoreId, Hundredths>();
  for (const parts of days.values()) {
    const isTime = parts[0]?.codes.family !== 'allowance';
    const day = parts.map(({ entry: { id }, time: { seconds } }) => {
      const kept = frozen.get(id);
      return kept === undefined ? { id, seconds } : { id, seconds, posted: kept };
    });
    for (const [id, hundredths] of roundDay(day, isTime ? grid : 'off')) printed.set(id, hundredths);
  }
  return printed;
}

/** The lines of paid entries: one for each cell and earn code, in a fixed order. What comes to nothing has no line. */
export function linesOf(
  company: string,
  paid: readonly PaidEntry[],
  printed: ReadonlyMap<ProcoreId, Hundredths>,
): readonly PayLine[] {
  const groups = new Map<string, { readonly first: PaidEntry; entries: ProcoreId[]; hundredths: number }>();
  for (const one of paid) {
    const { entry, codes } = one;
    const hundredths = printed.get(entry.id) ?? 0;
    if (hundredths === 0) continue;
    const key = `${cellKey(cellOf(company, { ...codes, date: entry.date }))} ${codes.earnCode}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: one, entries: [entry.id], hundredths });
    else {
      group.entries.push(entry.id);
      group.hundredths += hundredths;
    }
  }
  const lines = [...groups.values()].map(({ first: { entry, codes }, entries, hundredths }): PayLine => {
    const place = placeOf({ ...codes, date: entry.date });
    const sorted = entries.sort((one, two) => one - two);
    return {
      ...place,
      key: lineKey({ company, ...place }, codes.earnCode, sorted),
      earnCode: codes.earnCode,
      department: codes.department,
      hours: hoursText(hundredths),
      entries: sorted,
    };
  });
  const places = new Map(lines.map((line) => [line, printPlace(line)]));
  return lines.sort((one, two) => compare(places.get(one) ?? '', places.get(two) ?? ''));
}

/** Sorts lines as they are printed: by employee, date, kind of time, job, phase and code. */
const printPlace = ({ employee, date, family, job, phase, earnCode, key }: PayLine): string =>
  [employee, date, family, job ?? '', phase ?? '', earnCode, key].join('\n');

const compare = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);
