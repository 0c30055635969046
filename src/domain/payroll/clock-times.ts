import { clockIn, instantsOf } from '../base/time-zone';
import type { TimecardEntry } from './entry';
import { parseHours } from './hours';
import type { Seconds } from './hours';

/** A shift between two clock times. It belongs to the date on which it starts. */
export interface Shift {
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** What really passed: on a night when clocks change an hour more or less than they show. */
  readonly elapsed: Seconds;
  /** What the clock times alone say. */
  readonly shown: Seconds;
}

const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?$/i;
const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const DAY_MS = 86_400_000;

/** Milliseconds since midnight; null: it is no clock time (`22:00`, `10:00 PM`). */
function timeOfDay(text: string): number | null {
  const [, hour, minute = '', second = '0', half] = CLOCK.exec(text.trim()) ?? [];
  if (hour === undefined || Number(minute) > 59 || Number(second) > 59) return null;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  if (hours > 23 || (half !== undefined && Number(hour) > 12)) return null;
  return ((hours * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}

/** What clocks show, milliseconds as if in UTC; `dated` where the text itself names the day. */
type Reading = { readonly clock: number; readonly dated: boolean } | { readonly instant: number };

function read(text: string, date: string): Reading | null {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const time = timeOfDay(text);
  if (time !== null) return { clock: midnight + time, dated: false };
  const [, day, clock] = LOCAL.exec(text.trim()) ?? [];
  if (day !== undefined && clock !== undefined) {
    const local = timeOfDay(clock);
    return local === null ? null : { clock: Date.parse(`${day}T00:00:00Z`) + local, dated: true };
  }
  const instant = INSTANT.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(instant) ? null : { instant };
}

/**
 * The shift between two clock times that start on a date, in the zone of the job. The stop is the first moment after the start at which the clock
 * shows it, so a stop before the start is on the next day, and equal times are no time at all. Null: they cannot be read.
 */
export function shiftOf(
  { date, timeIn, timeOut }: { readonly date: string; readonly timeIn: string; readonly timeOut: string },
  timeZone: string,
): Shift | null {
  const [start, stop] = [read(timeIn, date), read(timeOut, date)];
  if (start === null || stop === null) return null;
  const startsAt = 'instant' in start ? start.instant : instantsOf(start.clock, timeZone)[0];
  const startShown = 'instant' in start ? clockIn(start.instant, timeZone) : start.clock;
  const endsAt = 'instant' in stop ? stop.instant : firstAfter(startsAt, startShown, stop, timeZone);
  if (endsAt < startsAt) return null;
  const stopShown = clockIn(endsAt, timeZone);
  const shown = stopShown - startShown;
  return {
    startsAt,
    endsAt,
    elapsed: Math.round((endsAt - startsAt) / 1000),
    shown: Math.round((shown < 0 ? shown + DAY_MS : shown) / 1000),
  };
}

function firstAfter(
  startsAt: number,
  startShown: number,
  { clock, dated }: { readonly clock: number; readonly dated: boolean },
  timeZone: string,
): number {
  if (clock === startShown) return startsAt;
  const days = dated ? [clock] : [clock, clock + DAY_MS];
  const instants = days.flatMap((day) => instantsOf(day, timeZone));
  return instants.find((instant) => instant > startsAt) ?? instants[0] ?? startsAt;
}

/** How the time of an entry was arrived at. */
export interface Counted {
  readonly seconds: Seconds;
  /** Null: hours were entered, or the clock times cannot be read. */
  readonly shift: Shift | null;
  /** Procore counted otherwise, because clocks changed during the shift. */
  readonly isCorrected: boolean;
}

/** What two decimals of an hour cannot show. */
const PRINTED_WITHIN: Seconds = 18;

/**
 * The time of an entry. Procore's own count stands, with its rounding; where clocks changed during the shift and Procore counted what they show, the
 * hour is put right. Null: its hours cannot be read.
 */
export function timeOf(
  entry: Pick<TimecardEntry, 'date' | 'hours' | 'timeIn' | 'timeOut' | 'lunchMinutes'>,
  timeZone: string | null,
): Counted | null {
  const hours = parseHours(entry.hours);
  if (hours === null) return null;
  const { date, timeIn, timeOut } = entry;
  const shift =
    timeZone === null || timeIn === null || timeOut === null
      ? null
      : shiftOf({ date, timeIn, timeOut }, timeZone);
  if (shift === null) return { seconds: hours, shift, isCorrected: false };
  const lunch = entry.lunchMinutes * 60;
  const [elapsed, shown] = [shift.elapsed - lunch, shift.shown - lunch];
  const isNaive = Math.abs(hours - shown) < Math.abs(hours - elapsed);
  const seconds = isNaive ? hours + elapsed - shown : hours;
  // Procore prints a third of an hour as 0.33.
  const exact = Math.abs(seconds - elapsed) <= PRINTED_WITHIN ? elapsed : seconds;
  return { seconds: exact, shift, isCorrected: isNaive };
}
