/*
 * Time zones by their IANA names, as far as this machine knows them (`Intl`). For readers and the configuration; workflows need none of it.
 */

/** The zone of this machine. */
export const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether this machine can tell the time there: an IANA name such as `America/Los_Angeles`. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', ...parts });
  formats.set(timeZone, format);
  return format;
}

/** The calendar date of an instant (milliseconds since 1970) in a zone, such as `2026-03-31`. */
export function dateIn(instant: number, timeZone: string): string {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

const DAY_MS = 86_400_000;

/** What clocks of a zone show at an instant, as if they stood in UTC: milliseconds since 1970 of that date and time. */
export function clockIn(instant: number, timeZone: string): number {
  const day = Math.floor(instant / DAY_MS);
  const offset = offsetAt(day, timeZone);
  // No zone changes its offset twice in a day.
  return offset === offsetAt(day + 1, timeZone) ? instant + offset : clockByFormat(instant, timeZone);
}

/** Offsets of zones when days begin in UTC: a payroll asks for the same few days thousands of times, and a format is slow. */
const offsets = new Map<string, number>();
const MOST_OFFSETS = 10_000;

function offsetAt(day: number, timeZone: string): number {
  const key = `${day} ${timeZone}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= MOST_OFFSETS) offsets.clear();
  const offset = clockByFormat(day * DAY_MS, timeZone) - day * DAY_MS;
  offsets.set(key, offset);
  return offset;
}

function clockByFormat(instant: number, timeZone: string): number {
  const parts = new Map(
    clockFormatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

const clockFormats = new Map<string, Intl.DateTimeFormat>();

function clockFormatOf(timeZone: string): Intl.DateTimeFormat {
  const known = clockFormats.get(timeZone);
  if (known !== undefined) return known;
  const digits = '2-digit';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    ...{ month: digits, day: digits, hour: digits, minute: digits, second: digits },
  });
  clockFormats.set(timeZone, format);
  return format;
}

/**
 * The instants at which clocks of a zone show this date and time (milliseconds since 1970 as if it stood in UTC), first one first: two where clocks were
 * put back; one that is later by what they were put forward where they skipped it.
 */
export function instantsOf(clock: number, timeZone: string): readonly [number, ...number[]] {
  // No zone changes its offset twice in two days.
  const offsets = [-DAY_MS, DAY_MS].map((apart) => clockIn(clock + apart, timeZone) - (clock + apart));
  const [before = 0, after = 0] = offsets;
  const shown = [clock - before, clock - after].filter((instant) => clockIn(instant, timeZone) === clock);
  const [first = clock - before, second = first] = shown;
  return first === second ? [first] : [Math.min(first, second), Math.max(first, second)];
}

/** How long a local day is there, in milliseconds: 23, 24 or 25 hours almost everywhere. */
export function dayLengthIn(date: string, timeZone: string): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return instantsOf(midnight + DAY_MS, timeZone)[0] - instantsOf(midnight, timeZone)[0];
}
